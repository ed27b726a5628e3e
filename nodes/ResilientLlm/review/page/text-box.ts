import { html, type Html } from '../../page/html';

/** In characters: longer text would make the browser of a phone hang. The store keeps the whole text. */
const maxShown = 1_000_000;

/** Text of a user or a model, in a box that scrolls. `name` is its label for screen readers. */
export function textBox(name: string, text: string, kind: 'prose' | 'data' | 'draft' | 'draft data' = 'prose'): Html {
	const cut = text.length > maxShown;
	return html`<pre class="text ${kind === 'prose' ? '' : kind}" dir="auto" tabindex="0" role="group" aria-label="${name}">
${cut ? text.slice(0, maxShown) : text}</pre>
${cut && html`<p class="note">The first ${maxShown.toLocaleString('en')} of ${text.length.toLocaleString('en')} characters.</p>`}`;
}
