import { html, Html } from './html';
import { style, styleHash } from './style';

/** A whole HTTP reply. */
export interface Page {
	readonly status: number;
	readonly headers: Readonly<Record<string, string>>;
	readonly body: string;
}

/**
 * No script at all, nothing from elsewhere, no frame around it; no cache, no log of a next server and no search engine
 * may keep the link.
 */
const headers: Readonly<Record<string, string>> = {
	'Content-Type': 'text/html; charset=utf-8',
	'Content-Security-Policy': `default-src 'none'; style-src ${styleHash}; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
	'Cache-Control': 'no-store',
	'Referrer-Policy': 'no-referrer',
	'X-Content-Type-Options': 'nosniff',
	'X-Robots-Tag': 'noindex, nofollow',
};

export interface PageContent {
	readonly status: number;
	/** Without the product's name. */
	readonly title: string;
	readonly content: Html;
}

export function page({ status, title, content }: PageContent): Page {
	const { text } = html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Resilient LLM</title>
<style>${styleSheet}</style>
</head>
<body>
<header class="bar">${logo}<p><strong>Resilient LLM</strong> · Review</p></header>
${content}
</body>
</html>
`;
	return { status, headers, body: text };
}

const styleSheet = new Html(style);

const logo = html`<svg viewBox="0 0 60 60" fill="none" aria-hidden="true" focusable="false">
<path d="M30 3.5 51 11v17.5C51 42 42.5 51.5 30 56.5 17.5 51.5 9 42 9 28.5V11z" fill="#3730A3"/>
<path d="M17 34h6.5" stroke="#fff" stroke-width="4" stroke-linecap="round"/>
<path d="m27 31 6 6m0-6-6 6" stroke="#fff" stroke-width="3.5" stroke-linecap="round"/>
<path d="M17 27C19.5 16.5 35 14 41 25.5m2.500-7-1.800 8.300-8.200-1.600" stroke="#FBBF24" stroke-width="4" stroke-linecap="round" stroke-linejoin="round"/>
<circle cx="43" cy="34" r="3.5" fill="#FBBF24"/>
</svg>`;
