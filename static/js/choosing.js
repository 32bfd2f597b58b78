/**
 * Choosing rows of the inbox: how many, the sum for each currency, and those that are risky.
 *
 * Sums are exact integers of the smallest unit. What is risky is never chosen with all others;
 * without a script the same form is sent, only nothing is counted beforehand.
 */
import { evaluate, format } from "./entry/money.js";

/** @param {HTMLElement} inbox rendered by `approvals/approval_list.html` */
export function startChoosing(inbox) {
  const form = inbox.querySelector("[data-bulk]");
  if (!form) return;
  const boxes = [...inbox.querySelectorAll("[data-choice]")];
  const plain = boxes.filter((box) => !("isRisky" in box.dataset));
  const all = form.querySelector("[data-choose-all]");
  const told = form.querySelector("[data-chosen]");
  const totals = form.querySelector("[data-totals]");

  function sums(chosen) {
    const found = new Map();
    for (const { dataset } of chosen) {
      if (!dataset.currency) continue;
      const digits = Number(dataset.digits);
      const { value } = evaluate(dataset.amount, digits);
      const before = found.get(dataset.currency)?.value ?? 0n;
      found.set(dataset.currency, { value: before + value, digits });
    }
    return [...found].sort().map(([code, { value, digits }]) => `${format(value, digits)} ${code}`);
  }

  function show() {
    const chosen = boxes.filter((box) => box.checked);
    const { textNone, textSome } = told.dataset;
    told.textContent = chosen.length ? textSome.replace("{count}", chosen.length) : textNone;
    totals.textContent = sums(chosen).join(" · ");
    totals.hidden = !chosen.length;
    const count = plain.filter((box) => box.checked).length;
    all.checked = count > 0 && count === plain.length;
    all.indeterminate = count > 0 && count < plain.length;
  }

  inbox.addEventListener("change", ({ target }) => {
    if (target === all) for (const box of plain) box.checked = all.checked;
    if (target === all || target.matches("[data-choice]")) show();
  });
  addEventListener("pageshow", show);
  show();
}
