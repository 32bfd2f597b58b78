/**
 * Keys and edits of the lines: what makes the form work without a mouse.
 *
 * Enter goes on, arrows move, `=` balances, Space flips the side, `..` and `//` repeat
 * summaries, Ctrl+D copies, Ctrl+Delete removes. While an input method composes, every
 * key belongs to it.
 */
import { evaluate, format, parseRate } from "./money.js";
import { parseTable, pasteTable } from "./paste.js";
import { COLUMNS, columnOf } from "./rows.js";

const AMOUNTS = new Set(["debit", "credit"]);
const COUNTED = new Set([...AMOUNTS, "currency", "rate"]);

/** The grid over its rows, sums and pickers. */
export class Grid {
  /**
   * @param {HTMLFormElement} form
   * @param {{rows: import("./rows.js").Rows, totals: import("./totals.js").Totals,
   *   pickers: import("./pickers.js").Pickers, changed: () => void}} parts
   */
  constructor(form, { rows, totals, pickers, changed }) {
    Object.assign(this, { form, rows, totals, pickers, changed });
    this.keys = {
      Enter: (input, row) => this.#next(input, row),
      ArrowDown: (input, row) => this.#vertical(input, row.nextElementSibling),
      ArrowUp: (input, row) => this.#vertical(input, row.previousElementSibling),
      ArrowRight: (input, row) => this.#sideways(input, row, 1),
      ArrowLeft: (input, row) => this.#sideways(input, row, -1),
    };
    const body = rows.body;
    body.addEventListener("focusin", (event) => this.#entered(event.target));
    body.addEventListener("focusout", (event) => this.#left(event.target));
    body.addEventListener("input", (event) => this.#edited(event.target, event));
    body.addEventListener("keydown", (event) => this.#pressed(event));
    body.addEventListener("paste", (event) => this.#pasted(event));
    body.addEventListener("click", (event) => this.#clicked(event.target));
  }

  /** Bring what is being typed into its final form, before the form is sent. */
  settle() {
    const input = document.activeElement;
    if (input?.name?.startsWith("line_")) this.#left(input);
  }

  #entered(input) {
    if (!input.name) return;
    this.pickers.entered(input, columnOf(input));
    input.select();
  }

  #left(input) {
    if (!input.name) return;
    const column = columnOf(input);
    this.pickers.left(input, column);
    if (AMOUNTS.has(column)) this.#normalise(input);
    if (column === "rate") this.#checkRate(input);
    if (column === "currency") this.#changedCurrency(this.rows.of(input));
    if (column === "account") this.#followAccount(this.rows.of(input), input.value);
  }

  /** Go to the first line's currency, after its column appeared. */
  focusCurrency() {
    this.#focus(this.rows.all[0], "currency");
  }

  /** The amounts of the row have the decimals of another currency now. */
  #changedCurrency(row) {
    const { debit, credit } = this.rows.cells(row);
    this.#normalise(debit);
    this.#normalise(credit);
    this.totals.update(row);
  }

  #checkRate(input) {
    const isBad = input.value.trim() !== "" && !parseRate(input.value, "");
    input.setCustomValidity(isBad ? this.form.dataset.textRate : "");
    if (isBad) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  }

  /** An account that is kept in one currency fills it in, and shows its column. */
  #followAccount(row, account) {
    const code = this.pickers.currencyOf(account);
    if (!code || code === this.form.dataset.currency) return;
    if (!this.rows.showsCurrency) this.showCurrency();
    const { currency } = this.rows.cells(row);
    if (currency.value) return;
    currency.value = code;
    this.#changedCurrency(row);
  }

  /** Compute and format an amount; say at the field what is wrong with it. */
  #normalise(input) {
    const digits = this.totals.digitsOf(this.rows.of(input));
    const { value, problem } = evaluate(input.value, digits);
    const text = { amount: this.form.dataset.textAmount, decimals: this.form.dataset.textDecimals };
    input.setCustomValidity(problem ? text[problem] : "");
    input.toggleAttribute("aria-invalid", Boolean(problem));
    if (problem) input.setAttribute("aria-invalid", "true");
    else if (input.value) input.value = value === 0n ? "" : format(value, digits);
    input.classList.toggle("is-red", !problem && value < 0n);
  }

  #edited(input, event) {
    const row = this.rows.of(input);
    const column = columnOf(input);
    if (COUNTED.has(column)) this.totals.update(row);
    if (AMOUNTS.has(column) || column === "rate") return this.#grow(row);
    if (column === "summary") this.#repeat(input, row);
    else if (!event.isComposing) this.pickers.typed(input, column);
    this.#grow(row);
  }

  /** There is always a blank line below; every edit is worth saving. */
  #grow(row) {
    if (!row.nextElementSibling) this.rows.insert();
    this.changed();
  }

  /** `..` repeats the summary above, `//` the first one. */
  #repeat(input, row) {
    const source = { "..": row.previousElementSibling, "//": this.rows.all[0] }[input.value];
    if (source && source !== row) input.value = this.rows.cells(source).summary.value;
  }

  #pressed(event) {
    const input = event.target;
    if (event.isComposing || !input.name || this.pickers.handleKey(event)) return;
    const row = this.rows.of(input);
    const act = this.#action(event, columnOf(input));
    if (act && act(input, row) !== false) event.preventDefault();
  }

  /** Which act a key stands for here, if any; an act answers false to leave the key alone. */
  #action(event, column) {
    if (event.ctrlKey || event.metaKey) {
      return {
        d: (input, row) => this.#duplicate(input, row),
        Delete: (input, row) => this.#remove(input, row),
      }[event.key];
    }
    if (event.altKey || event.shiftKey) return undefined;
    if (AMOUNTS.has(column) && event.key === "=") return (input, row) => this.#balance(input, row);
    if (AMOUNTS.has(column) && event.key === " ") return (input, row) => this.#flip(input, row);
    return this.keys[event.key];
  }

  #next(input, row) {
    const column = columnOf(input);
    const isDone = column === "credit" || (column === "debit" && input.value !== "");
    const isBase = column === "currency" && !this.rows.currencyOf(row);
    if (isBase) {
      this.#focus(row, "debit");
    } else if (isDone) {
      this.#focus(row.nextElementSibling ?? this.rows.insert(), "summary");
    } else {
      this.#focus(row, COLUMNS[COLUMNS.indexOf(column) + 1]);
    }
  }

  #vertical(input, row) {
    if (!row) return false;
    this.#focus(row, columnOf(input));
    return true;
  }

  /** Left and right leave a cell only at its ends. */
  #sideways(input, row, step) {
    const { selectionStart: from, selectionEnd: to, value } = input;
    const isAtEnd = step > 0 ? from === value.length : to === 0;
    const isAllMarked = value && from === 0 && to === value.length;
    const column = COLUMNS[COLUMNS.indexOf(columnOf(input)) + step];
    if (!column || !(isAtEnd || isAllMarked)) return false;
    this.#focus(row, column);
    return true;
  }

  #focus(row, column) {
    this.rows.cells(row)[column].focus();
  }

  /** Put what is missing for balance into this row, on the side where it belongs. */
  #balance(input, row) {
    const cells = this.rows.cells(row);
    cells.debit.value = "";
    cells.credit.value = "";
    this.totals.update(row);
    const gap = this.totals.differenceIn(this.rows.currencyOf(row));
    const target = gap === 0n ? input : gap > 0n ? cells.credit : cells.debit;
    if (gap !== 0n) target.value = format(gap < 0n ? -gap : gap, this.totals.digitsOf(row));
    this.#settled(row, target);
  }

  #flip(input, row) {
    const { debit, credit } = this.rows.cells(row);
    [debit.value, credit.value] = [credit.value, debit.value];
    this.#settled(row, input === debit ? credit : debit);
  }

  #settled(row, target) {
    const { debit, credit } = this.rows.cells(row);
    this.#normalise(debit);
    this.#normalise(credit);
    this.totals.update(row);
    target.focus();
    target.select();
    this.changed();
  }

  /** Write a line into the first blank row below all others; `difference` goes to its side. */
  addLine({ summary, account, difference }) {
    let row = this.rows.body.lastElementChild;
    while (row.previousElementSibling && this.rows.isBlank(row.previousElementSibling)) {
      row = row.previousElementSibling;
    }
    if (!this.rows.isBlank(row)) row = this.rows.insert();
    const cells = this.rows.cells(row);
    [cells.summary.value, cells.account.value] = [summary, account];
    const target = difference > 0n ? cells.credit : cells.debit;
    target.value = format(difference < 0n ? -difference : difference, this.totals.digits);
    this.#settled(row, target);
    this.#grow(row);
  }

  #duplicate(input, row) {
    const copy = this.rows.insert(1, row);
    const [from, to] = [this.rows.cells(row), this.rows.cells(copy)];
    for (const column of COLUMNS) to[column].value = from[column].value;
    this.totals.update(copy);
    this.#focus(copy, columnOf(input));
    this.changed();
  }

  #remove(input, row) {
    this.totals.forget(row);
    const next = this.rows.remove(row);
    this.totals.update(next);
    this.#focus(next, columnOf(input));
    this.changed();
  }

  #clicked(element) {
    const button = element.closest("[data-delete]");
    if (!button) return;
    const row = this.rows.of(button);
    this.#remove(this.rows.cells(row).summary, row);
  }

  #pasted(event) {
    const table = parseTable(event.clipboardData.getData("text/plain"));
    if (!table || !event.target.name) return;
    event.preventDefault();
    const row = this.rows.of(event.target);
    const touched = pasteTable(this.rows, table, row, columnOf(event.target));
    for (const each of touched) {
      const cells = this.rows.cells(each);
      this.pickers.left(cells.account, "account");
      this.#changedCurrency(each);
    }
    if (!this.rows.isBlank(this.rows.body.lastElementChild)) this.rows.insert();
    this.changed();
  }
}
