/** Choosing accounts and dimension values in the grid. */
import { Combobox } from "./combobox.js";
import { Options } from "./options.js";

/** The text after the last separator: a cell may hold several dimension codes. */
const LAST_CODE = /[^\s,，]*$/;

/** Both pickers of a form, over one list box. */
export class Pickers {
  /**
   * @param {HTMLFormElement} form carries the URLs of the options
   * @param {import("./rows.js").Rows} rows
   * @param {() => void} changed called when a choice was taken
   */
  constructor(form, rows, changed) {
    this.rows = rows;
    this.changed = changed;
    this.accounts = Options.accounts(form.dataset.accountOptionsUrl);
    this.dimensions = Options.dimensions(form.dataset.dimensionOptionsUrl);
    this.currencies = null;
    this.form = form;
    this.combobox = new Combobox(document.getElementById("entry-options"));
  }

  /** Resolves when accounts and dimension values can be chosen. */
  get ready() {
    return Promise.allSettled([this.accounts.ready, this.dimensions.ready]);
  }

  /** Fetch the currencies, the first time that their column is shown. */
  async loadCurrencies() {
    this.currencies ??= Options.currencies(this.form.dataset.currencyOptionsUrl);
    await this.currencies.ready;
    return this.currencies.list;
  }

  /** The one currency that an account takes; "" for any. */
  currencyOf(accountText) {
    return this.accounts.byCode(accountText.trim().split(" ")[0])?.currency ?? "";
  }

  entered(input, column) {
    if (!["account", "dimensions", "currency"].includes(column)) return;
    this.combobox.prepare(input);
    if (column === "dimensions") {
      const types = this.#typesOf(input);
      if (types.length) input.placeholder = types.join(" · ");
    }
  }

  /** A bare code becomes "code name" when the cell is left. */
  left(input, column) {
    this.combobox.close();
    if (column === "currency") input.value = input.value.trim().toUpperCase();
    if (column !== "account") return;
    const option = this.accounts.byCode(input.value.trim());
    if (option) input.value = `${option.code} ${option.name}`;
  }

  typed(input, column) {
    if (column === "account") this.#offerAccounts(input);
    if (column === "dimensions") this.#offerDimensions(input);
    if (column === "currency") this.#offerCurrencies(input);
  }

  /** Alt+Down and F7 open the list; the open list gets its keys first. */
  handleKey(event) {
    const isOpening = event.key === "F7" || (event.altKey && event.key === "ArrowDown");
    if (isOpening && event.target.role === "combobox") {
      event.preventDefault();
      this.#openAll(event.target);
      return true;
    }
    return this.combobox.handleKey(event);
  }

  #openAll(input) {
    this.typed(input, input.name.slice("line_".length));
  }

  #offerAccounts(input) {
    this.combobox.offer(input, this.accounts.find(input.value), (option) => {
      input.value = `${option.code} ${option.name}`;
      this.changed();
    });
  }

  #offerDimensions(input) {
    const typed = LAST_CODE.exec(input.value)[0];
    const options = this.dimensions.find(typed, { types: this.#typesOf(input) });
    this.combobox.offer(input, options, (option) => {
      input.value = input.value.replace(LAST_CODE, option.code);
      this.changed();
    });
  }

  #offerCurrencies(input) {
    const options = this.currencies?.find(input.value) ?? [];
    this.combobox.offer(input, options, (option) => {
      input.value = option.code;
      this.changed();
    });
  }

  /** Types of dimensions that the account of the row asks for; none means any. */
  #typesOf(input) {
    const code = this.rows.cells(this.rows.of(input)).account.value.split(" ")[0];
    return this.accounts.byCode(code)?.types ?? [];
  }
}
