/**
 * Single keys: `?` help, `/` search, `n` new entry, `g` then a letter to go somewhere.
 *
 * In lists `j` and `k` walk the rows, Enter or `o` opens, `x` ticks the row.
 *
 * They are read from the page: `data-key="n"` is clicked or focused, `data-go="j"` is
 * followed after `g`, `data-row` marks the link of a row. They rest in fields, while an input method composes, and when
 * the person switched them off (WCAG 2.1.4).
 */
const FIELDS = "input, textarea, select, [contenteditable]";
const SEQUENCE_MS = 1200;

let goUntil = 0;

function isForUs(event) {
  return (
    document.body.dataset.singleKeys === "on" &&
    !event.defaultPrevented &&
    !event.isComposing &&
    !(event.ctrlKey || event.metaKey || event.altKey) &&
    !event.target.closest?.(FIELDS) &&
    !document.querySelector("dialog[open]")
  );
}

/** Walk the links of a list's rows; from outside of the list begin at its first. */
function walk(step) {
  const rows = [...document.querySelectorAll("[data-row]")];
  let at = rows.indexOf(document.activeElement);
  // What is shown beside the list is where the person is.
  if (at < 0) at = rows.findIndex((row) => row.ariaCurrent);
  rows[at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + step))]?.focus();
}

/** The row that has the focus, else the one that is shown beside the list. */
function currentRow() {
  const row = document.activeElement.closest("tr, [data-item]");
  return row ?? document.querySelector("[data-row][aria-current]")?.closest("[data-item]");
}

const LIST_KEYS = {
  j: () => walk(1),
  k: () => walk(-1),
  x: () => currentRow()?.querySelector("[type=checkbox]")?.click(),
  o: () => currentRow()?.querySelector("[data-row]")?.click(),
};

function use(element) {
  if (element.matches(FIELDS)) element.focus();
  else element.click();
}

function handle(event) {
  if (!isForUs(event) || event.key.length !== 1) return;
  const key = event.key.toLowerCase();
  const isSecond = performance.now() < goUntil;
  goUntil = 0;
  if (key === "g" && !isSecond) {
    goUntil = performance.now() + SEQUENCE_MS;
    return;
  }
  if (!isSecond && key in LIST_KEYS && document.querySelector("[data-row]")) {
    LIST_KEYS[key]();
    return;
  }
  const { newEntryUrl } = document.body.dataset;
  if (key === "n" && !isSecond && newEntryUrl) {
    location.href = newEntryUrl;
    return;
  }
  const name = isSecond ? "data-go" : "data-key";
  const element = document.querySelector(`[${name}="${CSS.escape(key)}"]`);
  if (element) {
    event.preventDefault();
    use(element);
  }
}

/** Start listening. */
export function listenForKeys() {
  document.addEventListener("keydown", handle);
}
