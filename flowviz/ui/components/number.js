// Numbers as readers see them, as `flowviz.text.numbers` writes them: −0.5, 4.4·10⁻¹⁶, 12.6%.
const RAISED = Object.fromEntries([..."-0123456789"].map((digit, i) => [digit, "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"[i]]));

/** A number with so many significant digits. */
export function number(value, digits = 3) {
  return written(value.toPrecision(digits));
}

/** A number with so many decimal places. */
export function fixed(value, places) {
  return written(value.toFixed(places));
}

/** A share as a percentage. */
export function percent(share) {
  return `${number(100 * share, share > 0.9995 ? 4 : 3)}%`;
}

/** The shortest text of a number that has been rounded already. */
export function written(value) {
  const [mantissa, power] = String(value).replace("+", "").split("e");
  const signed = mantissa.replace("-", "−");
  return power ? `${signed}·10${[...power].map((c) => RAISED[c]).join("")}` : signed;
}
