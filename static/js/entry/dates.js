/** Short ways to write an accounting date; a date is three numbers and never a moment. */

const DAY_MS = 86_400_000;

function iso(time) {
  return new Date(time).toISOString().slice(0, 10);
}

/** Return the ISO date when the day exists, else null. */
function checked(year, month, day) {
  const time = Date.UTC(year, month - 1, day);
  const date = new Date(time);
  const exists = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return exists ? iso(time) : null;
}

/**
 * Expand `t`, `+5`, `-1`, `3`, `5-2`, `20260131`, `2026/1/31` to an ISO date.
 *
 * @param {string} text what was typed
 * @param {string} today ISO date of today where the books are kept
 * @param {string} shown ISO date that was in the field before; month and year come from it
 * @returns {string} the ISO date, or the text itself when it is none of these
 */
export function expandDate(text, today, shown) {
  const plain = text.normalize("NFKC").trim().toLowerCase();
  const [year, month] = (/^\d{4}-\d\d-\d\d$/.test(shown) ? shown : today).split("-").map(Number);
  if (plain === "t") return today;
  if (/^[+-]\d{1,3}$/.test(plain)) return iso(Date.parse(today) + Number(plain) * DAY_MS);
  if (/^\d{1,2}$/.test(plain)) return checked(year, month, Number(plain)) ?? text;
  let match = /^(\d{1,2})[-/.](\d{1,2})$/.exec(plain);
  if (match) return checked(year, Number(match[1]), Number(match[2])) ?? text;
  match = /^(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?$/.exec(plain);
  if (match) return checked(...match.slice(1).map(Number)) ?? text;
  return text;
}
