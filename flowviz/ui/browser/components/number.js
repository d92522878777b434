// The format of numbers, the same as in `flowviz.text.numbers`: −0.5, 4.4·10⁻¹⁶, 12.6%.
const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/**
 * A number with so many significant digits.
 *
 * @param {number} value
 * @param {number} digits
 */
export function number(value, digits = 3) {
  return written(value.toPrecision(digits));
}

/**
 * A number with so many decimal places.
 *
 * @param {number} value
 * @param {number} places
 */
export function fixed(value, places) {
  return written(value.toFixed(places));
}

/**
 * A fraction as a percentage.
 *
 * @param {number} fraction
 */
export function percent(fraction) {
  return `${number(100 * fraction, fraction > 0.9995 ? 4 : 3)}%`;
}

/**
 * The shortest text of a number that has been rounded already.
 *
 * @param {number | string} value
 */
export function written(value) {
  const [mantissa = "", power] = String(value).replace("+", "").split("e");
  const signed = mantissa.replace("-", "−");
  return power ? `${signed}·10${[...power].map(raised).join("")}` : signed;
}

/**
 * A place on the line or in the plane; a dash where there is none.
 *
 * @param {number | number[] | undefined} at
 * @returns {string}
 */
export function position(at) {
  if (at === undefined) return "—";
  if (typeof at === "number") return written(Number(at.toFixed(4)));
  return `(${at.map(position).join(", ")})`;
}

/** @param {string} character */
function raised(character) {
  return character === "-" ? "⁻" : SUPERSCRIPTS[Number(character)];
}
