import { type Html, html, type Part } from './html.ts';

/** A column of a table. */
export interface Column<Row> {
  title: string;
  cell: (row: Row) => Part;
  /** Numbers are aligned to the right. */
  isNumber?: boolean;
}

/** A table of rows, the first column being what each row is about. */
export interface TableOptions<Row> {
  /** Said to those who do not see what is above the table. */
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  /** Tells the rows apart, so that an update of the page finds them again. */
  keyOf: (row: Row) => string;
}

/**
 * A table that is a list of cards on a narrow screen. The roles are those that the elements have anyway: a browser
 * forgets them when the style sheet makes a row a block.
 */
export function table<Row>({ caption, columns, rows, keyOf }: TableOptions<Row>): Html {
  const [first, ...others] = columns;
  const heads = columns.map(
    ({ title, isNumber }) =>
      html`<th role="columnheader" scope="col"${isNumber === true && html` class="number"`}>${title}</th>`,
  );
  const cells = (row: Row) =>
    others.map(
      ({ title, cell, isNumber }) =>
        html`<td role="cell" data-title="${title}"${isNumber === true && html` class="number"`}><div>${cell(row)}</div></td>`,
    );
  return html`<table role="table">
<caption>${caption}</caption>
<thead role="rowgroup"><tr role="row">${heads}</tr></thead>
<tbody role="rowgroup">
${rows.map(
  (row) =>
    html`<tr role="row" data-key="${keyOf(row)}"><th role="rowheader" scope="row">${first?.cell(row)}</th>${cells(row)}</tr>
`,
)}</tbody>
</table>`;
}
