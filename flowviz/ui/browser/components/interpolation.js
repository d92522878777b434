// Interpolation in tables, and rounding.

/**
 * Index j and fraction such that t lies at nodes[j] + fraction·(nodes[j+1] − nodes[j]); nodes ascend.
 *
 * @param {ArrayLike<number>} nodes
 * @param {number} count how many of them there are
 * @param {number} t
 * @returns {[j: number, fraction: number]}
 */
export function bracket(nodes, count, t) {
  let low = 0;
  let high = count - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (nodes[middle] <= t) low = middle;
    else high = middle;
  }
  const fraction = (t - nodes[low]) / (nodes[low + 1] - nodes[low]);
  return [low, Math.min(1, Math.max(0, fraction))];
}

/**
 * Index of the node nearest to a value.
 *
 * @param {ArrayLike<number>} nodes
 * @param {number} value
 */
export function nearest(nodes, value) {
  const [j, fraction] = bracket(nodes, nodes.length, value);
  return fraction > 0.5 ? j + 1 : j;
}

/**
 * @param {number} a
 * @param {number} b
 * @param {number} fraction
 */
export function mix(a, b, fraction) {
  return a + fraction * (b - a);
}

/**
 * @param {number} value
 * @param {number} low
 * @param {number} high
 */
export function clamp(value, low, high) {
  return Math.min(high, Math.max(low, value));
}

/**
 * A coordinate in steps of about a pixel of [low, high], so that it is written with few digits.
 *
 * @param {number} value
 * @param {number} low
 * @param {number} high
 */
export function roundToPixel(value, low, high) {
  const step = 10 ** Math.floor(Math.log10((high - low) / 400));
  return Number((Math.round(value / step) * step).toFixed(6));
}
