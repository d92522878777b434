// Texts of a heatmap's labels, made for the cell that is pointed at and for no other: 160,000 at every
// step of a drag would take longer than the picture.

/**
 * Rows of texts as Plotly takes them.
 *
 * @param {number} count of rows
 * @param {(row: number, column: number) => string} textAt
 * @returns {string[][]}
 */
export function textRows(count, textAt) {
  return Array.from(
    { length: count },
    (_, row) =>
      new Proxy(/** @type {string[]} */ ([]), {
        get: (cells, key) =>
          typeof key === "string" && /^\d+$/.test(key)
            ? textAt(row, Number(key))
            : Reflect.get(cells, key),
      }),
  );
}
