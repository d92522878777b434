// Texts of a trace's labels, made for what is pointed at and for nothing else: 160,000 cells at every
// step of a drag would take longer than the picture.

/**
 * A list as Plotly takes it.
 *
 * @template T
 * @param {(index: number) => T} at
 * @returns {T[]}
 */
export function lazyList(at) {
  return new Proxy(/** @type {T[]} */ ([]), {
    get: (list, key) =>
      typeof key === "string" && /^\d+$/.test(key) ? at(Number(key)) : Reflect.get(list, key),
  });
}

/**
 * Rows of texts as Plotly takes them.
 *
 * @param {number} count of rows
 * @param {(row: number, column: number) => string} textAt
 * @returns {string[][]}
 */
export function textRows(count, textAt) {
  return Array.from({ length: count }, (_, row) => lazyList((column) => textAt(row, column)));
}
