import { html, Html } from '../../page/html';
import { logo } from '../../page/logo';
import { style, styleHash } from './style';

/** A complete HTTP response. */
export interface Page {
	readonly status: number;
	readonly headers: Readonly<Record<string, string>>;
	readonly body: string;
}

/**
 * Security headers: no scripts, no content from other servers, and no embedding in frames. Because the URL contains a
 * secret token, it must not reach caches, other servers (as a referrer) or search engines.
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
	/** The title without the name of the product. */
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
