import { execFile } from 'node:child_process';
import { chmod, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { hasProgram } from '../programs';

export const certificatesCanBeMade = hasProgram('openssl');

export interface Certificate {
	readonly certFile: string;
	readonly keyFile: string;
	/** In PEM. It is its own authority. */
	readonly pem: string;
}

/** A certificate for this host name, signed by itself, good for a day. */
export async function createCertificate(folder: string, hostName: string): Promise<Certificate> {
	const [certFile, keyFile] = [join(folder, 'server.crt'), join(folder, 'server.key')];
	const subject = ['-subj', `/CN=${hostName}`, '-addext', `subjectAltName=DNS:${hostName}`];
	await promisify(execFile)('openssl', [
		'req',
		'-x509',
		'-newkey',
		'rsa:2048',
		'-nodes',
		'-days',
		'1',
		...subject,
		'-keyout',
		keyFile,
		'-out',
		certFile,
	]);
	await chmod(keyFile, 0o600);
	return { certFile, keyFile, pem: await readFile(certFile, 'utf8') };
}
