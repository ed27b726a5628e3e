import { createHash, randomBytes } from 'node:crypto';

const tokenBytes = 16;

/** A new secret for a review's link: 128 random bits, safe in a URL. It goes into the link and nowhere else. */
export function createReviewToken(): string {
	return randomBytes(tokenBytes).toString('base64url');
}

/** What the store keeps of a token: enough to find the review, not enough to make the link. */
export function hashReviewToken(token: string): string {
	return createHash('sha256').update(token).digest('hex');
}

/** The link that opens a review, on the page of a Review Trigger. */
export function reviewLink(pageUrl: string, token: string): string {
	const url = new URL(pageUrl);
	url.searchParams.set('token', token);
	return url.toString();
}
