/**
 * Splitting a row: what the parts leave of it, exact and at once, and the rest into a part with
 * one key. The server computes it again and is the authority.
 */
import { fill } from "./entry/totals.js";
import { evaluate, format } from "./entry/money.js";

/** @param {HTMLFormElement} form rendered by `reconciliation/break_split.html` */
export function startSplitForm(form) {
  const shown = form.querySelector("[data-difference]");
  const { textOk, textOff, currency } = form.dataset;
  const digits = Number(form.dataset.digits);
  const whole = evaluate(form.dataset.amount, digits).value;
  const inputs = () => [...form.querySelectorAll("[inputmode=decimal]")];
  const valueOf = (input) => evaluate(input.value, digits).value ?? 0n;
  const shownAs = (value) => (value < 0n ? `(${format(-value, digits)})` : format(value, digits));
  const sumOf = (found) => found.reduce((sum, input) => sum + valueOf(input), 0n);

  function paint() {
    const sum = sumOf(inputs());
    const rest = whole - sum;
    form.querySelector("[data-sum]").textContent = shownAs(sum);
    shown.classList.toggle("is-ok", rest === 0n);
    shown.classList.toggle("is-off", rest !== 0n);
    shown.textContent = rest === 0n ? textOk : fill(textOff, { rest: `${shownAs(rest)} ${currency}` });
  }

  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-rest]");
    if (!button) return;
    event.preventDefault();
    const input = button.closest("[data-part]").querySelector("[inputmode=decimal]");
    const rest = whole - sumOf(inputs().filter((one) => one !== input));
    input.value = format(rest, digits).replaceAll(",", "");
    input.focus();
    paint();
  });
  form.addEventListener("input", paint);
  addEventListener("pageshow", paint);
  paint();
  form.dataset.ready = "yes";
}
