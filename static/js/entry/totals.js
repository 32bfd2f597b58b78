/** Exact sums of both columns, kept by differences: a change costs one row, not all. */
import { chineseAmount, evaluate, format } from "./money.js";

/** Fill `{name}` places of a text that the page brought along. */
export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** Sums of debit and credit in minor units, and the lines that show them. */
export class Totals {
  debit = 0n;
  credit = 0n;
  /** @type {Map<HTMLElement, [bigint, bigint]>} */
  #counted = new Map();
  #isPainting = false;

  /**
   * @param {import("./rows.js").Rows} rows
   * @param {HTMLFormElement} form carries digits and texts in its data- attributes
   */
  constructor(rows, form) {
    this.rows = rows;
    this.digits = Number(form.dataset.digits);
    this.texts = form.dataset;
    this.shown = {
      debit: form.querySelector("[data-total=debit]"),
      credit: form.querySelector("[data-total=credit]"),
      balance: form.querySelector("[data-balance]"),
      words: form.querySelector("[data-words]"),
    };
  }

  /** Debit minus credit. */
  get difference() {
    return this.debit - this.credit;
  }

  /** Count every row, at the start. */
  countAll() {
    for (const row of this.rows.all) this.#count(row);
    this.#paintSoon();
  }

  /** Count one row anew after a change. */
  update(row) {
    this.forget(row);
    this.#count(row);
    this.#paintSoon();
  }

  /** Take a row out of the sums, before it goes. */
  forget(row) {
    const [debit, credit] = this.#counted.get(row) ?? [0n, 0n];
    this.debit -= debit;
    this.credit -= credit;
    this.#counted.delete(row);
    this.#paintSoon();
  }

  #count(row) {
    const cells = this.rows.cells(row);
    const debit = this.valueOf(cells.debit);
    const credit = this.valueOf(cells.credit);
    if (debit === 0n && credit === 0n) return;
    this.debit += debit;
    this.credit += credit;
    this.#counted.set(row, [debit, credit]);
  }

  /** The amount of a cell; what cannot be read counts as nothing. */
  valueOf(input) {
    return input.value ? (evaluate(input.value, this.digits).value ?? 0n) : 0n;
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
    const isOff = gap !== 0n;
    balance.classList.toggle("is-ok", !isOff && this.debit !== 0n);
    balance.classList.toggle("is-off", isOff);
    balance.textContent = this.#describe(gap, total);
    if (words) words.textContent = this.digits === 2 ? chineseAmount(this.debit) : "";
  }

  #describe(gap, total) {
    if (gap === 0n && this.debit === 0n) return this.texts.textEmpty;
    if (gap === 0n) return fill(this.texts.textBalanced, { total });
    const side = gap > 0n ? this.texts.textDebitLarger : this.texts.textCreditLarger;
    const difference = format(gap < 0n ? -gap : gap, this.digits);
    return fill(this.texts.textOff, { difference, side });
  }
}
