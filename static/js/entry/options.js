/**
 * What the comboboxes offer: accounts and dimension values, fetched once for the page.
 *
 * @typedef {{code: string, name: string, note: string, types: string[], hay: string[]}} Option
 */

/** Types of dimensions arrive as a list or as one text with bars. */
function listOf(types) {
  if (Array.isArray(types)) return types;
  return types ? String(types).split("|") : [];
}

function accountOption([code, name, initials = "", types = [], currency = ""]) {
  const hay = [code, initials, name].map((text) => String(text).toLowerCase());
  return { code, name, note: currency, types: listOf(types), currency, hay };
}

function currencyOption([code, name, digits]) {
  const hay = [code, "", name].map((text) => String(text).toLowerCase());
  return { code, name, note: "", types: [], digits, hay };
}

function dimensionOption([code, name, type, initials = ""]) {
  const hay = [code, initials, name].map((text) => String(text).toLowerCase());
  return { code, name, note: type, types: [type], hay };
}

/** How well an option fits, 0 best; -1 not at all. Beginnings beat insides, codes names. */
function rank({ hay: [code, initials, name] }, wanted) {
  if (code.startsWith(wanted)) return 0;
  if (initials.startsWith(wanted)) return 1;
  if (name.startsWith(wanted)) return 2;
  if (initials.includes(wanted)) return 3;
  if (name.includes(wanted)) return 4;
  return -1;
}

/** A list of options behind a URL. */
export class Options {
  /** @type {Option[]} */
  list = [];

  constructor(url, build) {
    this.ready = this.#load(url, build);
  }

  static accounts(url) {
    return new Options(url, accountOption);
  }

  static dimensions(url) {
    return new Options(url, dimensionOption);
  }

  static currencies(url) {
    return new Options(url, currencyOption);
  }

  async #load(url, build) {
    const answer = await fetch(url, { headers: { Accept: "application/json" } });
    if (answer.ok) this.list = (await answer.json()).map(build);
  }

  /** Options that fit what was typed, best first. */
  find(text, { types = [], limit = 12 } = {}) {
    const wanted = text.trim().toLowerCase();
    const found = [[], [], [], [], []];
    for (const option of this.list) {
      if (types.length && !types.includes(option.note)) continue;
      const place = wanted ? rank(option, wanted) : 0;
      if (place >= 0 && found[place].length < limit) found[place].push(option);
    }
    return found.flat().slice(0, limit);
  }

  /** The option with exactly this code. */
  byCode(code) {
    return this.list.find((option) => option.code === code);
  }
}
