import { createHash, randomBytes } from 'node:crypto';

const tokenBytes = 16;

/**
 * A new secret for the link of a review: 128 random bits, safe in a URL. It is only ever put into the link, and not
 * stored.
 */
export function createReviewToken(): string {
	return randomBytes(tokenBytes).toString('base64url');
}

/** The hash of a token, which the store keeps: it identifies the review, but the link cannot be made from it. */
export function hashReviewToken(token: string): string {
	return createHash('sha256').update(token).digest('hex');
}

/** The link to a review, on the page of a Review Trigger. */
export function reviewLink(pageUrl: string, token: string): string {
	const url = new URL(pageUrl);
	url.searchParams.set('token', token);
	return url.toString();
}
