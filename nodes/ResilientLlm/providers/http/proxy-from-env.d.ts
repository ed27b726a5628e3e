declare module 'proxy-from-env' {
	/** The proxy URL for a URL, or an empty string if there is none. */
	export function getProxyForUrl(url: string): string;
}
