/**
 * The settlement form: what is chosen, the difference of both sides, and what is gained or
 * lost, exact and at once. The server computes it again and is the authority.
 *
 * An item relieves `carrying × part ÷ left`, rounded; its last part takes all that is left.
 */
import { fill } from "./entry/totals.js";
import { evaluate, format, scale } from "./entry/money.js";

/** @param {HTMLFormElement} form rendered by `ledgers/settlement_create.html` */
export function startSettlementForm(form) {
  const { rounding, currency, base } = form.dataset;
  const [digits, baseDigits] = [Number(form.dataset.digits), Number(form.dataset.baseDigits)];
  const shown = form.querySelector("[data-difference]");

  function partOf(item) {
    const input = item.querySelector("[inputmode=decimal]");
    return evaluate(input.value, digits).value ?? 0n;
  }

  function relievedOf(item, part) {
    const [left, carrying] = [BigInt(item.dataset.left), BigInt(item.dataset.carrying)];
    return part === left ? carrying : scale(carrying, part, left, rounding);
  }

  function paint() {
    const sums = { debit: 0n, credit: 0n, relieved: 0n, count: 0 };
    for (const item of form.querySelectorAll("[data-item]")) {
      if (!item.querySelector("[name=item]").checked) continue;
      const part = partOf(item);
      sums[item.dataset.side] += part;
      sums.relieved += relievedOf(item, part);
      sums.count += 1;
    }
    const gap = sums.debit - sums.credit;
    const isOk = gap === 0n && sums.debit > 0n;
    shown.classList.toggle("is-ok", isOk);
    shown.classList.toggle("is-off", gap !== 0n);
    shown.textContent = describe(sums, gap, isOk);
  }

  function describe(sums, gap, isOk) {
    if (!sums.count) return form.dataset.textEmpty;
    if (!isOk) {
      const difference = `${format(gap, digits)} ${currency}`;
      return fill(form.dataset.textOff, { difference });
    }
    const total = `${format(sums.debit, digits)} ${currency}`;
    const text = fill(form.dataset.textBalanced, { total });
    const gain = -sums.relieved;
    if (gain === 0n) return text;
    const amount = `${format(gain < 0n ? -gain : gain, baseDigits)} ${base}`;
    const name = gain > 0n ? form.dataset.textGain : form.dataset.textLoss;
    return `${text} · ${fill(name, { amount })}`;
  }

  form.addEventListener("input", (event) => {
    // Writing an amount chooses the item.
    const item = event.target.closest("[data-item]");
    if (item && event.target.inputMode === "decimal") {
      item.querySelector("[name=item]").checked = event.target.value.trim() !== "";
    }
    paint();
  });
  form.addEventListener("change", paint);
  paint();
  form.dataset.ready = "yes";
}
