import { html, type Html } from '../../page/html';

export interface Column<Row> {
	readonly head: string;
	readonly cell: (row: Row) => Html | string;
	/** Hidden on narrow screens. */
	readonly spare?: boolean;
}

export interface TableOf<Row> {
	readonly title: string;
	/** A sentence below the title. */
	readonly note?: string | undefined;
	/** The first column names the row, the others hold numbers. */
	readonly columns: readonly [Column<Row>, ...Column<Row>[]];
	readonly rows: readonly Row[];
	/** Most rows that are shown; of the others only the number is given. Default 12. */
	readonly most?: number;
}

/** A table whose caption is its heading; undefined when there are no rows. */
export function table<Row>({ title, note, columns, rows, most = 12 }: TableOf<Row>): Html | undefined {
	if (rows.length === 0) return undefined;
	const [first, ...others] = columns;
	const left = rows.length - most;
	return html`<table>
<caption><h2>${title}</h2>${note !== undefined && html`<p>${note}</p>`}</caption>
<thead><tr><th scope="col">${first.head}</th>${others.map(({ head, spare }) => html`<th scope="col" class="${numberClass(spare)}">${head}</th>`)}</tr></thead>
<tbody>
${rows.slice(0, most).map(
	(
		row,
	) => html`<tr><th scope="row">${first.cell(row)}</th>${others.map(({ cell, spare }) => html`<td class="${numberClass(spare)}">${cell(row)}</td>`)}</tr>
`,
)}</tbody>
</table>
${left > 0 && html`<p class="note">… and ${left} more.</p>`}`;
}

function numberClass(spare = false): string {
	return spare ? 'n spare' : 'n';
}
