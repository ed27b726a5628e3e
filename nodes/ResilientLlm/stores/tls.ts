import type { ConnectionOptions } from 'node:tls';

export interface TlsSettings {
	/** Whether the server's certificate must be valid. Default true. */
	readonly verify?: boolean;
	/** Certificate authority in PEM; default: those Node.js knows. */
	readonly ca?: string;
	/** The name that the certificate is for, where it is not the host's. */
	readonly serverName?: string;
}

export function tlsOptions({ verify = true, ca, serverName }: TlsSettings): ConnectionOptions {
	return {
		rejectUnauthorized: verify,
		...(ca !== undefined && { ca }),
		...(serverName !== undefined && { servername: serverName }),
	};
}
