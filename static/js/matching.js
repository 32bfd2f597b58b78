/**
 * Matching by hand: what the chosen rows of both sides come to, exact and at once. Amounts are
 * whole numbers of the smallest unit; the server computes it again and is the authority.
 */
import { fill } from "./entry/totals.js";
import { evaluate, format } from "./entry/money.js";

/** Return by how much both sides may differ: of each pass the narrower bound, of all the widest. */
function allowedFor(ours, bounds) {
  const size = ours < 0n ? -ours : ours;
  const widths = bounds.split(";").filter(Boolean).map((text) => {
    const [absolute, points] = text.split(":");
    const limits = [];
    if (absolute) limits.push(BigInt(absolute));
    if (points) limits.push((size * BigInt(points)) / 10_000n);
    return limits.reduce((least, one) => (one < least ? one : least));
  });
  return widths.reduce((most, one) => (one > most ? one : most), 0n);
}

/** @param {HTMLFormElement} form rendered by `reconciliation/match_create.html` */
export function startMatchForm(form) {
  const shown = form.querySelector("[data-difference]");
  const { textEmpty, textOk, textOff, textWithin, textMixed, bounds } = form.dataset;

  function sums() {
    const found = { book: 0n, statement: 0n, counts: { book: 0, statement: 0 }, currencies: new Set() };
    for (const box of form.querySelectorAll("[data-choice]:checked")) {
      const { amount, currency, side } = box.dataset;
      found.digits = Number(box.dataset.digits);
      found[side] += evaluate(amount, found.digits).value ?? 0n;
      found.counts[side] += 1;
      found.currencies.add(currency);
    }
    return found;
  }

  function paint() {
    const found = sums();
    const count = found.counts.book + found.counts.statement;
    const money = (value) => `${format(value, found.digits)} ${[...found.currencies][0]}`;
    for (const side of ["book", "statement"]) {
      const cell = form.querySelector(`[data-sum=${side}]`);
      cell.textContent = found.currencies.size === 1 ? money(found[side]) : "";
    }
    const gap = found.statement - found.book;
    const hasBoth = found.counts.book > 0 && found.counts.statement > 0;
    const allowed = hasBoth ? allowedFor(found.book, bounds) : 0n;
    const isEqual = gap === 0n && count > 1;
    const isWithin = (gap < 0n ? -gap : gap) <= allowed && count > 1;
    const isMixed = found.currencies.size > 1;
    shown.classList.toggle("is-ok", !isMixed && (isEqual || isWithin));
    shown.classList.toggle("is-off", isMixed || (count > 0 && !isEqual && !isWithin));
    if (!count) shown.textContent = textEmpty;
    else if (isMixed) shown.textContent = textMixed;
    else if (isEqual) shown.textContent = textOk;
    else shown.textContent = fill(isWithin ? textWithin : textOff, { difference: money(gap) });
  }

  form.addEventListener("change", paint);
  addEventListener("pageshow", paint);
  paint();
  form.dataset.ready = "yes";
}
