/**
 * Single keys: `?` help, `/` search, `n` new entry, `g` then a letter to go somewhere.
 *
 * They are read from the page: `data-key="n"` is clicked or focused, `data-go="j"` is
 * followed after `g`. They rest in fields, while an input method composes, and when
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
