/** Markup that is safe to send: its constants were written here, everything else went through the escape. */
export class Html {
	constructor(readonly text: string) {}
}

type Part = Html | string | number | undefined | false | readonly Part[];

/** A template for markup. Whatever stands in `${…}` is escaped, unless it is markup itself. */
export function html(constants: TemplateStringsArray, ...parts: readonly Part[]): Html {
	return new Html(constants.map((constant, index) => constant + rendered(parts[index])).join(''));
}

function rendered(part: Part): string {
	if (part === undefined || part === false) return '';
	if (part instanceof Html) return part.text;
	return typeof part === 'object' ? part.map(rendered).join('') : escaped(String(part));
}

const references: Readonly<Record<string, string>> = {
	'&': '&amp;',
	'<': '&lt;',
	'>': '&gt;',
	'"': '&quot;',
	"'": '&#39;',
};

/** Control characters other than tab and line end mean nothing in HTML, and NUL would break the document. */
function escaped(text: string): string {
	return text
		.replace(/[&<>"']/g, (sign) => references[sign] ?? '')
		.replace(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F]/g, '\uFFFD');
}
