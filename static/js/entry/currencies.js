/**
 * Currencies of lines, the rates of the entry's day, and what an amount is worth.
 *
 * Digits come from the list of currencies, rates from `data-rate-url`, once for each currency
 * and day; both arrive later than they are asked for, and `arrived` is called when they do.
 * The server computes everything again: this only shows it early.
 *
 * @typedef {{units: bigint, scale: number, per: bigint, note: string}} Rate
 */
import { convert, parseRate } from "./money.js";

export class Currencies {
  /** @type {Map<string, number>} */
  #digits = new Map();
  /** @type {Map<string, Rate|null|undefined>} undefined while on its way, null for none */
  #rates = new Map();

  /**
   * @param {HTMLFormElement} form
   * @param {(code: string) => void} arrived
   */
  constructor(form, arrived) {
    this.form = form;
    this.base = form.dataset.currency;
    this.baseDigits = Number(form.dataset.digits);
    this.mode = form.dataset.rounding;
    this.arrived = arrived;
    this.#digits.set(this.base, this.baseDigits);
  }

  get day() {
    return this.form.elements.entry_date.value;
  }

  /** Take digits from the list of currencies. @param {import("./options.js").Option[]} list */
  learn(list) {
    for (const option of list) this.#digits.set(option.code, option.digits);
    this.arrived("");
  }

  isForeign(code) {
    return Boolean(code) && code !== this.base;
  }

  /** Minor digits of a currency; those of the base while nothing is known of it. */
  digits(code) {
    return this.#digits.get(code || this.base) ?? this.baseDigits;
  }

  /** The rate that was typed, or that of the day; null for none, undefined while unknown. */
  rate(code, typed) {
    if (typed.trim()) return parseRate(typed, this.form.dataset.textManual);
    if (!/^[A-Z]{3}$/.test(code) || !/^\d{4}-\d\d-\d\d$/.test(this.day)) return null;
    const key = `${code} ${this.day}`;
    if (!this.#rates.has(key)) this.#ask(key, code);
    return this.#rates.get(key);
  }

  /** The worth in base currency, in minor units; the amount itself where it is the base. */
  worth(value, code, typed) {
    if (!this.isForeign(code)) return value;
    if (value === 0n) return 0n;
    const rate = this.rate(code, typed);
    return rate ? convert(value, this.digits(code), rate, this.baseDigits, this.mode) : null;
  }

  async #ask(key, code) {
    this.#rates.set(key, undefined);
    const query = new URLSearchParams({ currency: code, on: this.day });
    let found = null;
    try {
      const answer = await fetch(`${this.form.dataset.rateUrl}?${query}`, {
        headers: { Accept: "application/json" },
      });
      const body = await answer.json();
      if (body.digits !== undefined) this.#digits.set(code, body.digits);
      found = answer.ok ? parseRate(`${body.rate}/${body.per}`, body.note) : null;
      if (!answer.ok) found = { problem: body.problem ?? "" };
    } catch {
      // Asked again with the next change: the server may answer then.
      this.#rates.delete(key);
      return;
    }
    this.#rates.set(key, found?.problem === undefined ? found : null);
    this.problem = found?.problem ?? "";
    this.arrived(code);
  }
}
