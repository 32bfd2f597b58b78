/**
 * Exact money in BigInt minor units; no number of JavaScript ever holds an amount.
 *
 * @typedef {{value: bigint}|{problem: "amount"|"decimals"}} Result
 */
const NUMBER = /\d{1,3}(?:,\d{3})+(?:\.\d*)?(?![\d,])|\d+(?:\.\d*)?(?![\d,])|\.\d+(?![\d,])/y;
const DIGITS = "零壹贰叁肆伍陆柒捌玖";
const PLACES = ["", "拾", "佰", "仟"];

/** Multiply `units` of `scale` decimals so that it has `wanted` decimals. */
function rescale(units, scale, wanted) {
  return units * 10n ** BigInt(wanted - scale);
}

/** Read one literal at the expression's place. @returns {{units: bigint, scale: number}|null} */
function readNumber(source) {
  let sign = 1n;
  while (source.text[source.at] === "-" || source.text[source.at] === "+") {
    if (source.text[source.at] === "-") sign = -sign;
    source.at += 1;
  }
  NUMBER.lastIndex = source.at;
  const match = NUMBER.exec(source.text);
  if (!match) return null;
  source.at = NUMBER.lastIndex;
  const [whole, part = ""] = match[0].replaceAll(",", "").split(".");
  return { units: sign * BigInt(whole + part || "0"), scale: part.length };
}

/** Read factors joined by `*`. */
function readProduct(source) {
  let product = readNumber(source);
  while (product && source.text[source.at] === "*") {
    source.at += 1;
    source.hasProduct = true;
    const factor = readNumber(source);
    if (!factor) return null;
    product = { units: product.units * factor.units, scale: product.scale + factor.scale };
  }
  return product;
}

/** Read products joined by `+` and `-`. */
function readSum(source) {
  let sum = readProduct(source);
  while (sum && source.at < source.text.length) {
    const operator = source.text[source.at];
    if (operator !== "+" && operator !== "-") return null;
    source.at += 1;
    const term = readProduct(source);
    if (!term) return null;
    const scale = Math.max(sum.scale, term.scale);
    const right = rescale(term.units, term.scale, scale);
    const left = rescale(sum.units, sum.scale, scale);
    sum = { units: operator === "+" ? left + right : left - right, scale };
  }
  return sum;
}

/** Bring an exact result to `digits` decimals: products round half up, others must fit. */
function fit({ units, scale }, digits, mayRound) {
  if (scale <= digits) return { value: rescale(units, scale, digits) };
  const divisor = 10n ** BigInt(scale - digits);
  const rest = units % divisor;
  if (rest === 0n) return { value: units / divisor };
  if (!mayRound) return { problem: "decimals" };
  const isUp = (rest < 0n ? -rest : rest) * 2n >= divisor;
  const away = units < 0n ? -1n : 1n;
  return { value: units / divisor + (isUp ? away : 0n) };
}

/**
 * Evaluate what somebody typed into an amount: `1,234.5`, `(20.00)`, `120+3*15`.
 *
 * @param {string} text
 * @param {number} digits minor digits of the currency
 * @returns {Result} zero for an empty text
 */
export function evaluate(text, digits) {
  let plain = text.normalize("NFKC").replace(/[\s¥$€£]/g, "").replace(/[×x]/g, "*");
  if (!plain) return { value: 0n };
  if (/^\([\d,.]+\)$/.test(plain)) plain = `-${plain.slice(1, -1)}`;
  const source = { text: plain, at: 0, hasProduct: false };
  const result = readSum(source);
  if (!result || source.at < plain.length) return { problem: "amount" };
  return fit(result, digits, source.hasProduct);
}

/**
 * Read a rate: `7.1234`, or `4.8012/100` for a hundred units.
 *
 * @param {string} text
 * @param {string} note where it is from
 * @returns {import("./currencies.js").Rate|null} null when it is none
 */
export function parseRate(text, note) {
  const match = /^(\d{1,10})(?:\.(\d{1,10}))?(?:\/(1|100))?$/.exec(text.normalize("NFKC").trim());
  if (!match) return null;
  const [, whole, part = "", per = "1"] = match;
  const units = BigInt(whole + part);
  return units ? { units, scale: part.length, per: BigInt(per), note } : null;
}

/** Whether the rest of a division takes the quotient one further from zero. */
function goesUp(mode, rest, divisor, quotient) {
  if (mode === "up") return rest > 0n;
  if (mode === "down") return false;
  if (mode === "half_even" && rest * 2n === divisor) return quotient % 2n === 1n;
  return rest * 2n >= divisor;
}

/**
 * Convert minor units by a rate, rounded once, as the server does.
 *
 * @param {bigint} value in minor units of `digits` decimals
 * @param {import("./currencies.js").Rate} rate
 * @param {string} mode up, half_up, half_even or down
 * @returns {bigint} minor units of `baseDigits` decimals
 */
export function convert(value, digits, rate, baseDigits, mode) {
  const factor = rate.units * 10n ** BigInt(baseDigits);
  return scale(value, factor, rate.per * 10n ** BigInt(digits + rate.scale), mode);
}

/** Return `value × factor ÷ divisor`, rounded once; factor and divisor are positive. */
export function scale(value, factor, divisor, mode) {
  const product = (value < 0n ? -value : value) * factor;
  const quotient = product / divisor;
  const isUp = goesUp(mode, product % divisor, divisor, quotient);
  const result = quotient + (isUp ? 1n : 0n);
  return value < 0n ? -result : result;
}

/** Write minor units with separators: 123456n → "1,234.56". */
export function format(value, digits) {
  const text = (value < 0n ? -value : value).toString().padStart(digits + 1, "0");
  const cut = text.length - digits;
  const whole = text.slice(0, cut).replace(/\B(?=(\d{3})+$)/g, ",");
  return `${value < 0n ? "-" : ""}${whole}${digits ? `.${text.slice(cut)}` : ""}`;
}

/** Spell four digits, told whether a zero is owed before them. */
function spellFour(number, owesZero) {
  let text = "";
  let hasGap = owesZero;
  for (let place = 3; place >= 0; place -= 1) {
    const digit = Math.floor(number / 10 ** place) % 10;
    if (digit) {
      text += (hasGap ? "零" : "") + DIGITS[digit] + PLACES[place];
      hasGap = false;
    } else if (text || owesZero) {
      hasGap = true;
    }
  }
  return text;
}

/** Spell whole yuan; 万 and 亿 nest, so 10¹² is 壹万亿. */
function spellWhole(number, owesZero = false) {
  for (const [size, unit] of [[10n ** 8n, "亿"], [10n ** 4n, "万"]]) {
    if (number >= size) {
      const rest = number % size;
      const owes = rest > 0n && (rest < size / 10n || (number / size) % 10n === 0n);
      return spellWhole(number / size, owesZero) + unit + (rest ? spellWhole(rest, owes) : "");
    }
  }
  return spellFour(Number(number), owesZero);
}

/** Write fen as 大写: 4532500n → 肆万伍仟叁佰贰拾伍元整 (会计基础工作规范 §52). */
export function chineseAmount(fen) {
  if (fen === 0n) return "零元整";
  const size = fen < 0n ? -fen : fen;
  const [yuan, jiao, rest] = [size / 100n, Number((size / 10n) % 10n), Number(size % 10n)];
  let text = yuan ? `${spellWhole(yuan)}元` : "";
  if (jiao) text += `${DIGITS[jiao]}角`;
  else if (rest && text) text += "零";
  text += rest ? `${DIGITS[rest]}分` : "整";
  return (fen < 0n ? "负" : "") + text;
}
