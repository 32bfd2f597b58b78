/**
 * The rows of the grid and their cells.
 *
 * A row is `<div data-line>`; its inputs are looked up once and remembered, so
 * that a keystroke among a thousand rows touches one row only.
 *
 * @typedef {{summary: HTMLInputElement, account: HTMLInputElement,
 *   dimensions: HTMLInputElement, currency?: HTMLInputElement, rate?: HTMLInputElement,
 *   debit: HTMLInputElement, credit: HTMLInputElement}} Cells
 */
export const COLUMNS = ["summary", "account", "dimensions", "debit", "credit"];
const CURRENCY_COLUMNS = ["currency", "rate"];

/** Which column an input belongs to: `line_debit` → `debit`. */
export function columnOf(input) {
  return input.name.slice("line_".length);
}

/** Rows of one form, over the element that holds them and the template of a blank one. */
export class Rows {
  /** @type {WeakMap<HTMLElement, Cells>} */
  #cells = new WeakMap();

  constructor(body, template) {
    this.body = body;
    this.template = template;
    this.grid = body.closest("[data-grid]");
    if (this.showsCurrency) this.#addColumns();
  }

  get showsCurrency() {
    return this.grid.classList.contains("has-currency");
  }

  /** Put the cells of currency and rate into every row, before the amounts. */
  showCurrency() {
    if (this.showsCurrency) return;
    this.grid.classList.add("has-currency");
    const heads = document.getElementById("entry-currency-heads").content;
    document.getElementById("column-debit").before(heads.cloneNode(true));
    const cells = document.getElementById("entry-currency-cells").content;
    for (const row of [...this.all, this.template.content.querySelector("[data-line]")]) {
      row.querySelector("[name=line_debit]").parentElement.before(cells.cloneNode(true));
      this.#cells.delete(row);
    }
    this.#addColumns();
  }

  #addColumns() {
    if (!COLUMNS.includes("currency")) COLUMNS.splice(3, 0, ...CURRENCY_COLUMNS);
  }

  /** What the amounts of a row are in; "" for the currency of the books. */
  currencyOf(row) {
    return this.cells(row).currency?.value.trim().toUpperCase() ?? "";
  }

  /** Say below a row what it is worth, or nothing. */
  note(row, text) {
    let note = row.querySelector("[data-note]");
    if (!note && text) {
      note = document.createElement("span");
      note.className = "fm-line-note";
      note.dataset.note = "";
      note.setAttribute("role", "cell");
      row.append(note);
    }
    if (!text) note?.remove();
    else if (note.textContent !== text) note.textContent = text;
  }

  get all() {
    return this.body.children;
  }

  /** @returns {Cells} */
  cells(row) {
    let cells = this.#cells.get(row);
    if (!cells) {
      const inputs = [...row.querySelectorAll("input[name^=line_]")];
      cells = Object.fromEntries(inputs.map((input) => [columnOf(input), input]));
      this.#cells.set(row, cells);
    }
    return cells;
  }

  /** The row of an input or button in it. */
  of(element) {
    return element.closest("[data-line]");
  }

  isBlank(row) {
    return Object.values(this.cells(row)).every((input) => input.value === "");
  }

  /** Insert blank rows after `row` (at the end without one) and number what follows. */
  insert(count = 1, row = this.body.lastElementChild) {
    const made = document.createDocumentFragment();
    for (let i = 0; i < count; i += 1) made.append(this.template.content.cloneNode(true));
    const first = made.firstElementChild;
    if (row) row.after(made);
    else this.body.append(made);
    this.renumber(first);
    return first;
  }

  /** Remove a row; the last one is emptied instead. Returns the row to stand on next. */
  remove(row) {
    const next = row.nextElementSibling ?? row.previousElementSibling;
    if (!next) {
      for (const input of Object.values(this.cells(row))) input.value = "";
      return row;
    }
    const after = row.nextElementSibling;
    row.remove();
    if (after) this.renumber(after);
    return next;
  }

  /** Number rows from `row` on; rows above keep theirs. */
  renumber(row) {
    let number = Number(row.previousElementSibling?.firstElementChild.textContent ?? 0);
    for (let at = row; at; at = at.nextElementSibling) {
      number += 1;
      at.firstElementChild.textContent = String(number);
    }
  }
}
