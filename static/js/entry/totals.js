/** Exact sums of both columns, kept by differences: a change costs one row, not all. */
import { chineseAmount, evaluate, format } from "./money.js";

/** Fill `{name}` places of a text that the page brought along. */
export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/**
 * What a row adds, in minor units: in its own currency, and what that is worth; `isKnown` is
 * false while its rate is not there.
 *
 * @typedef {{code: string, debit: bigint, credit: bigint, baseDebit: bigint,
 *   baseCredit: bigint, isKnown: boolean}} Counted
 */

/** Sums of debit and credit by currency and in base currency, and what shows them. */
export class Totals {
  debit = 0n;
  credit = 0n;
  /** @type {Map<HTMLElement, Counted>} */
  #counted = new Map();
  /** @type {Map<string, {debit: bigint, credit: bigint, lines: number}>} */
  #foreign = new Map();
  #unknown = 0;
  #isPainting = false;

  /**
   * @param {import("./rows.js").Rows} rows
   * @param {HTMLFormElement} form carries digits and texts in its data- attributes
   * @param {import("./currencies.js").Currencies} currencies
   */
  constructor(rows, form, currencies) {
    this.rows = rows;
    this.currencies = currencies;
    this.digits = Number(form.dataset.digits);
    this.texts = form.dataset;
    this.shown = {
      debit: form.querySelector("[data-total=debit]"),
      credit: form.querySelector("[data-total=credit]"),
      balance: form.querySelector("[data-balance]"),
      rounding: form.querySelector("[data-add-rounding]"),
      words: form.querySelector("[data-words]"),
      currencies: form.querySelector("[data-currency-totals]"),
    };
  }

  /** Debit minus credit in base currency. */
  get difference() {
    return this.debit - this.credit;
  }

  /** Debit minus credit of what a row's amounts are in. */
  differenceIn(code) {
    if (!this.currencies.isForeign(code)) return this.difference;
    const sums = this.#foreign.get(code);
    return sums ? sums.debit - sums.credit : 0n;
  }

  /** Decimals of a row's amounts. */
  digitsOf(row) {
    return this.rows.showsCurrency ? this.currencies.digits(this.rows.currencyOf(row)) : this.digits;
  }

  /** Count every row, at the start. */
  countAll() {
    for (const row of this.rows.all) this.update(row);
    this.#paintSoon();
  }

  /** Count the rows of a foreign currency anew: a rate has come, or the day changed. */
  recount() {
    if (!this.rows.showsCurrency) return;
    for (const row of this.rows.all) {
      if (this.currencies.isForeign(this.rows.currencyOf(row))) this.update(row);
    }
  }

  /** Count one row anew after a change. */
  update(row) {
    this.forget(row);
    this.#count(row);
    this.#paintSoon();
  }

  /** Take a row out of the sums, before it goes. */
  forget(row) {
    const was = this.#counted.get(row);
    if (was) this.#add(was, -1n);
    this.#counted.delete(row);
    this.#paintSoon();
  }

  #count(row) {
    const cells = this.rows.cells(row);
    const code = this.rows.showsCurrency ? this.rows.currencyOf(row) : "";
    const digits = this.digitsOf(row);
    const debit = this.valueOf(cells.debit, digits);
    const credit = this.valueOf(cells.credit, digits);
    const typed = cells.rate?.value ?? "";
    const baseDebit = this.currencies.worth(debit, code, typed);
    const baseCredit = this.currencies.worth(credit, code, typed);
    const isKnown = baseDebit !== null && baseCredit !== null;
    if (this.rows.showsCurrency) this.#note(row, code, typed, isKnown ? baseDebit + baseCredit : 0n);
    if (debit === 0n && credit === 0n) return;
    const now = {
      code, debit, credit, isKnown, baseDebit: baseDebit ?? 0n, baseCredit: baseCredit ?? 0n,
    };
    this.#add(now, 1n);
    this.#counted.set(row, now);
  }

  #note(row, code, typed, worth) {
    const rate = this.currencies.isForeign(code) ? this.currencies.rate(code, typed) : null;
    if (!rate) return this.rows.note(row, this.currencies.isForeign(code) && rate === null ? this.currencies.problem ?? "" : "");
    const shown = typed.trim() ? `${typed.trim()} · ${rate.note}` : rate.note;
    this.rows.note(row, `= ${format(worth, this.digits)} ${this.currencies.base} · ${shown}`);
  }

  #add(counted, sign) {
    this.debit += sign * counted.baseDebit;
    this.credit += sign * counted.baseCredit;
    if (!counted.isKnown) this.#unknown += Number(sign);
    if (!this.currencies.isForeign(counted.code)) return;
    const sums = this.#foreign.get(counted.code) ?? { debit: 0n, credit: 0n, lines: 0 };
    sums.debit += sign * counted.debit;
    sums.credit += sign * counted.credit;
    sums.lines += Number(sign);
    if (sums.lines) this.#foreign.set(counted.code, sums);
    else this.#foreign.delete(counted.code);
  }

  /** The amount of a cell; what cannot be read counts as nothing. */
  valueOf(input, digits) {
    return input.value ? (evaluate(input.value, digits).value ?? 0n) : 0n;
  }

  /** Paint once for each frame, however many rows changed. */
  #paintSoon() {
    if (this.#isPainting) return;
    this.#isPainting = true;
    requestAnimationFrame(() => {
      this.#isPainting = false;
      this.#paint();
    });
  }

  #paint() {
    const { debit, credit, balance, words } = this.shown;
    const gap = this.difference;
    const total = format(this.debit, this.digits);
    debit.textContent = total;
    credit.textContent = format(this.credit, this.digits);
    const isOff = gap !== 0n || this.#unknown > 0;
    const isRounding = isOff && this.#isRounding(gap);
    balance.classList.toggle("is-ok", !isOff && this.debit !== 0n);
    balance.classList.toggle("is-off", isOff && !isRounding);
    balance.classList.toggle("is-rounding", isRounding);
    if (this.shown.rounding) this.shown.rounding.hidden = !isRounding;
    balance.textContent = isRounding
      ? fill(this.texts.textRounding, { difference: format(gap < 0n ? -gap : gap, this.digits) })
      : this.#describe(gap, total);
    if (words) words.textContent = this.digits === 2 ? chineseAmount(this.debit) : "";
    this.#paintCurrencies();
  }

  /** Less than half a minor unit for each foreign line is left. */
  #isRounding(gap) {
    if (this.#unknown) return false;
    let lines = 0n;
    for (const sums of this.#foreign.values()) lines += BigInt(sums.lines);
    return (gap < 0n ? -gap : gap) * 2n < lines;
  }

  #paintCurrencies() {
    const list = this.shown.currencies;
    list.hidden = !this.#foreign.size;
    list.replaceChildren(
      ...[...this.#foreign].sort().map(([code, sums]) => {
        const digits = this.currencies.digits(code);
        const item = document.createElement("span");
        const gap = sums.debit - sums.credit;
        const sign = gap === 0n ? "✓" : `Δ ${format(gap, digits)}`;
        item.textContent = `${code} ${format(sums.debit, digits)} / ${format(sums.credit, digits)} ${sign}`;
        return item;
      }),
    );
  }

  #describe(gap, total) {
    if (this.#unknown) return this.texts.textNoRate;
    if (gap === 0n && this.debit === 0n) return this.texts.textEmpty;
    if (gap === 0n) return fill(this.texts.textBalanced, { total });
    const side = gap > 0n ? this.texts.textDebitLarger : this.texts.textCreditLarger;
    const difference = format(gap < 0n ? -gap : gap, this.digits);
    return fill(this.texts.textOff, { difference, side });
  }
}
