/** The journal entry form: joins rows, sums, pickers, grid and autosave. */
import { Autosave } from "./autosave.js";
import { Currencies } from "./currencies.js";
import { expandDate } from "./dates.js";
import { Grid } from "./grid.js";
import { Pickers } from "./pickers.js";
import { Rows } from "./rows.js";
import { Totals } from "./totals.js";

/** Expand what was typed into the date when the field is left. */
function watchDate(input, today) {
  let shown = input.value || today;
  // The page begins here: what is typed takes the place of the date that is offered.
  if (document.activeElement === input) input.select();
  input.addEventListener("change", () => {
    input.value = expandDate(input.value, today, shown);
    if (input.value) shown = input.value;
  });
}

/** Ctrl+S saves, Ctrl+Enter submits, Ctrl+Alt+N saves and begins the next. */
function watchKeys(form, grid) {
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.isComposing) return;
    const acts = event.altKey ? { n: "save_new", c: "currency", r: "rounding", t: "tax" } : { s: "save", Enter: "submit" };
    const button = document.querySelector(
      `button[name=act][value=${acts[event.key.length === 1 ? event.key.toLowerCase() : event.key]}]`,
    );
    if (!button || button.disabled || button.hidden) return;
    event.preventDefault();
    if (["currency", "rounding"].includes(button.value)) return button.click();
    // Before the browser checks the fields: the cell in work may hold what is no amount.
    grid.settle();
    form.requestSubmit(button);
  });
}

/** Show the columns of foreign currency without a way to the server; follow the date. */
function watchCurrency(form, { rows, totals, pickers, currencies, grid }) {
  const button = form.querySelector("[data-show-currency]");
  const show = async () => {
    rows.showCurrency();
    form.elements.show_currency.value = "1";
    button?.remove();
    currencies.learn(await pickers.loadCurrencies());
  };
  grid.showCurrency = show;
  if (rows.showsCurrency) show();
  button?.addEventListener("click", (event) => {
    event.preventDefault();
    show();
    grid.focusCurrency();
  });
  form.elements.entry_date.addEventListener("change", () => totals.recount());
}

/** Add the rounding line here, where its account is known; else the server says what is missing. */
function watchRounding(form, { grid, totals }) {
  const { roundingAccount: account, textRoundingLine: summary } = form.dataset;
  if (!account) return;
  form.querySelector("[data-add-rounding]")?.addEventListener("click", (event) => {
    event.preventDefault();
    grid.addLine({ summary, account, difference: totals.difference });
  });
}

/** The line that a person was in last is the one whose tax is split. */
function watchTax(form, rows) {
  const number = form.elements.tax_line;
  if (!number) return;
  rows.body.addEventListener("focusin", (event) => {
    number.value = rows.of(event.target).firstElementChild.textContent;
  });
}

/** Let a running autosave end first: two versions at once would conflict. */
function watchSubmit(form, grid, autosave) {
  form.addEventListener(
    "submit",
    async (event) => {
      grid.settle();
      const { submitter } = event;
      const mustWait = autosave.isRunning;
      if (mustWait) {
        event.preventDefault();
        event.stopImmediatePropagation();
      }
      await autosave.stop();
      if (mustWait) form.requestSubmit(submitter);
    },
    { capture: true },
  );
}

/** @param {HTMLFormElement} form rendered by `ledgers/journal_entry_form.html` */
export function startEntryForm(form) {
  const rows = new Rows(
    form.querySelector("[data-lines]"),
    document.getElementById("entry-line"),
  );
  const currencies = new Currencies(form, () => totals.recount());
  const totals = new Totals(rows, form, currencies);
  const changed = () => autosave.changed();
  const pickers = new Pickers(form, rows, changed);
  const grid = new Grid(form, { rows, totals, pickers, changed });
  const autosave = new Autosave(form, () => grid.settle());
  for (const name of ["word", "kind", "entry_date", "summary"]) {
    form.elements[name]?.addEventListener("input", changed);
  }
  watchDate(form.elements.entry_date, form.dataset.today);
  watchCurrency(form, { rows, totals, pickers, currencies, grid });
  watchRounding(form, { grid, totals });
  watchTax(form, rows);
  watchKeys(form, grid);
  watchSubmit(form, grid, autosave);
  if (!rows.isBlank(rows.body.lastElementChild)) rows.insert();
  totals.countAll();
  // Keys choose from the lists only when these are there; without them the server looks.
  pickers.ready.finally(() => { form.dataset.ready = "yes"; });
}
