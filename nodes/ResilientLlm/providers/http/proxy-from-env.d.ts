declare module 'proxy-from-env' {
	/** The proxy for this URL, or an empty string. */
	export function getProxyForUrl(url: string): string;
}
