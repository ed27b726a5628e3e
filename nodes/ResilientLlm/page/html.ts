/** HTML that is safe to send: fixed markup from this package, with all other text escaped. */
export class Html {
	constructor(readonly text: string) {}
}

type Part = Html | string | number | undefined | false | readonly Part[];

/** Template tag for HTML. Values in `${…}` are escaped, unless they are `Html` themselves. */
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

/**
 * Escapes text for HTML. Control characters other than tab and line breaks are removed: they have no meaning in HTML,
 * and NUL would break the document.
 */
function escaped(text: string): string {
	return text
		.replace(/[&<>"']/g, (sign) => references[sign] ?? '')
		.replace(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F]/g, '\uFFFD');
}
