/** Rows copied out of a spreadsheet: tab between cells, one line each. */
import { COLUMNS } from "./rows.js";

/** Split a clipboard text into rows of cells; null when it is one plain cell. */
export function parseTable(text) {
  const plain = text.replace(/\r\n?/g, "\n").replace(/\n$/, "");
  if (!/[\t\n]/.test(plain)) return null;
  return plain.split("\n").map((line) => line.split("\t").map((cell) => cell.trim()));
}

/**
 * Write a table into the grid from a cell on, adding rows as needed.
 *
 * @param {import("./rows.js").Rows} rows
 * @param {string[][]} table
 * @param {HTMLElement} start row of the first line
 * @param {string} column column of the first cell
 * @returns {HTMLElement[]} rows that were written
 */
export function pasteTable(rows, table, start, column) {
  const columns = COLUMNS.slice(COLUMNS.indexOf(column));
  const touched = [];
  let row = start;
  for (const [index, line] of table.entries()) {
    if (!row) row = rows.insert(table.length - index);
    const cells = rows.cells(row);
    for (const [at, name] of columns.entries()) {
      if (at < line.length) cells[name].value = line[at];
    }
    touched.push(row);
    row = row.nextElementSibling;
  }
  return touched;
}
