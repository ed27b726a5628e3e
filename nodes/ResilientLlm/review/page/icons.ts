import { html } from '../../page/html';

const attributes = html`viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false"`;

export const icons = {
	check: html`<svg ${attributes}><path d="m5 12.5 4.5 4.5L19 7.500"/></svg>`,
	clock: html`<svg ${attributes}><circle cx="12" cy="12" r="8.5"/><path d="M12 7.500V12l3 2"/></svg>`,
	link: html`<svg ${attributes}><path d="M10 14a4 4 0 0 0 5.700 0l2.800-2.800a4 4 0 0 0-5.700-5.700l-.8.8"/><path d="M14 10a4 4 0 0 0-5.700 0l-2.800 2.800a4 4 0 0 0 5.700 5.700l.8-.8"/></svg>`,
	cross: html`<svg ${attributes}><path d="m7 7 10 10M17 7 7 17"/></svg>`,
	alert: html`<svg ${attributes}><path d="M12 4 3 19.500h18z"/><path d="M12 10v4m0 2.500v.01"/></svg>`,
} as const;
