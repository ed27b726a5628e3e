import type { ConnectionOptions } from 'node:tls';

export interface TlsSettings {
	/** Whether the server's certificate must be valid. Default true. */
	readonly verify?: boolean;
	/** Certificate authority in PEM; default: those Node.js knows. */
	readonly ca?: string;
	/** The host name in the server's certificate, if it differs from the host that is connected to. */
	readonly serverName?: string;
}

export function tlsOptions({ verify = true, ca, serverName }: TlsSettings): ConnectionOptions {
	return {
		rejectUnauthorized: verify,
		...(ca !== undefined && { ca }),
		...(serverName !== undefined && { servername: serverName }),
	};
}
