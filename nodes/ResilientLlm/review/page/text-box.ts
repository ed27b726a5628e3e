import { html, type Html } from '../../page/html';

/** Longer text would make a phone's browser give up. The store keeps all of it. */
const maxShown = 1_000_000;

/** Somebody else's words, in a box that scrolls. Its name is what a screen reader calls it. */
export function textBox(name: string, text: string, kind: 'prose' | 'data' | 'draft' | 'draft data' = 'prose'): Html {
	const cut = text.length > maxShown;
	return html`<pre class="text ${kind === 'prose' ? '' : kind}" dir="auto" tabindex="0" role="group" aria-label="${name}">
${cut ? text.slice(0, maxShown) : text}</pre>
${cut && html`<p class="note">The first ${maxShown.toLocaleString('en')} of ${text.length.toLocaleString('en')} characters.</p>`}`;
}
