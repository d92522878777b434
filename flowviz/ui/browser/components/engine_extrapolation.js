// A function beyond its last arguments, by the polynomial that has its values and its slopes there (Hermite's).

const ARGUMENTS = 3;
const SIZE = 2 * ARGUMENTS;

export class Extrapolation {
  #count = 0;
  /** The arguments, values and slopes, the last ones first. */
  #at = new Float64Array(ARGUMENTS);
  #values = new Float64Array(ARGUMENTS);
  #slopes = new Float64Array(ARGUMENTS);
  #differences = new Float64Array(SIZE);

  /** Forget all but the last argument. */
  restart() {
    this.#count = Math.min(this.#count, 1);
  }

  /**
   * @param {number} at
   * @param {number} value
   * @param {number} slope
   */
  add(at, value, slope) {
    for (const numbers of [this.#at, this.#values, this.#slopes]) numbers.copyWithin(1, 0);
    this.#at[0] = at;
    this.#values[0] = value;
    this.#slopes[0] = slope;
    this.#count = Math.min(ARGUMENTS, this.#count + 1);
  }

  /**
   * Newton's form of the polynomial, each argument being there twice.
   *
   * @param {number} at
   */
  value(at) {
    const [known, found] = [this.#at, this.#differences];
    const size = 2 * this.#count;
    for (let k = 0; k < size; k++) found[k] = this.#values[k >> 1];
    for (let order = 1; order < size; order++) {
      for (let k = size - 1; k >= order; k--) {
        const width = known[k >> 1] - known[(k - order) >> 1];
        found[k] = width === 0 ? this.#slopes[k >> 1] : (found[k] - found[k - 1]) / width;
      }
    }
    let value = found[size - 1];
    for (let k = size - 2; k >= 0; k--) value = value * (at - known[k >> 1]) + found[k];
    return value;
  }
}
