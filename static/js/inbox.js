/**
 * The inbox on wide screens: the request looked at is shown beside the list.
 *
 * A row is a link to the page of its request, which is what a phone and a page without script
 * follow. Here the same address gives a part of a page, and j and k (keys.js) walk the rows.
 */
const WIDE = matchMedia("(min-width: 992px)");
const PAUSE_MS = 120;

/** @param {HTMLElement} inbox rendered by `approvals/approval_list.html` */
export function startInbox(inbox) {
  const detail = inbox.querySelector("[data-detail]");
  const rows = [...inbox.querySelectorAll("[data-row]")];
  let shown = null;
  let waiting = 0;
  let isTabbing = false;

  function mark(row) {
    for (const other of rows) other.removeAttribute("aria-current");
    row.setAttribute("aria-current", "true");
  }

  /** Show a request; `isWanted` when the person asked to read it: the focus goes there. */
  async function show(row, isWanted) {
    mark(row);
    if (shown !== row) {
      shown = row;
      await htmx.ajax("GET", row.href, { target: detail, swap: "innerHTML" });
    }
    if (isWanted && shown === row) detail.querySelector("[data-heading]")?.focus();
  }

  inbox.addEventListener("click", (event) => {
    const row = event.target.closest("[data-row]");
    const isPlain = !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
    if (!row || !WIDE.matches || !isPlain) return;
    event.preventDefault();
    clearTimeout(waiting);
    show(row, true);
  });
  // Tab goes through; only who walks by j and k reads what they walk over.
  document.addEventListener("keydown", ({ key }) => (isTabbing = key === "Tab"), true);
  inbox.addEventListener("focusin", (event) => {
    const row = event.target.closest("[data-row]");
    clearTimeout(waiting);
    if (row && WIDE.matches && row !== shown && !isTabbing) {
      waiting = setTimeout(() => show(row, false), PAUSE_MS);
    }
  });
  // After an answer the list comes back as it was, at the request that follows.
  // After a question or a comment it comes back at the same one.
  inbox.addEventListener("submit", ({ target: form }) => {
    if (!form.matches("[data-answer], [data-stay]")) return;
    const at = rows.indexOf(shown);
    const next = form.matches("[data-stay]") ? shown : (rows[at + 1] ?? rows[at - 1]);
    const query = new URLSearchParams(location.search);
    query.delete("at");
    query.set("at", next?.dataset.task ?? 0);
    form.elements.back.value = query.toString();
  });

  const first = rows.find((row) => row.ariaCurrent) ?? rows[0];
  if (first && WIDE.matches) show(first, false);
  // Who comes back from an answer goes on with the next one by the same keys.
  if (first && WIDE.matches && new URLSearchParams(location.search).has("at")) {
    first.focus({ preventScroll: true });
    first.scrollIntoView({ block: "nearest" });
  }
}

/** Give the focus to the field of a question when it opens. */
export function startQuestions() {
  document.addEventListener(
    "toggle",
    ({ target }) => {
      if (target.matches("[data-asks]") && target.open) target.querySelector("textarea").focus();
    },
    true,
  );
}
