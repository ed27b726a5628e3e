import { TaskStoreError, type Effect } from '../../engine/store/task-store';
import { checkServer, connectionTrouble, errorCode, errorText, type Trouble } from '../connection-trouble';

const rights =
	'Grant the role of the credential the rights to use and create in the schema, or let an administrator run one workflow once.';

/** By SQLSTATE; see https://www.postgresql.org/docs/current/errcodes-appendix.html. */
const postgresTroubles: Readonly<Record<string, Trouble>> = {
	'28P01': { what: 'refuses the password', advice: 'Check user and password in the credential.' },
	'28000': { what: 'refuses this user', advice: 'Check the user in the credential, and pg_hba.conf on the server.' },
	'3D000': { what: 'has no such database', advice: 'Check the database in the credential, or create it.' },
	'42501': { what: 'denies a right', advice: rights },
	'25006': { what: 'takes no writes: it is a standby', advice: 'Give the primary server in the credential.' },
	'53100': { what: 'has a full disk', advice: 'Free some space on the server; the store then goes on by itself.' },
	'53200': { what: 'is out of memory', advice: 'Look at the server.' },
	'53300': { what: 'has no connection left', advice: 'Raise max_connections on the server, or use fewer workers.' },
	'57014': { what: 'took too long', advice: 'Look for locks and load on the server.' },
	'57P01': { what: 'is shutting down', advice: 'The next call connects again.' },
	'57P02': { what: 'has crashed', advice: 'The next call connects again.' },
	'57P03': { what: 'is starting up', advice: 'The next call connects again.' },
	'42P01': { what: 'has lost a table of the store', advice: 'The next call makes it anew.' },
	'3F000': { what: 'has no such schema', advice: rights },
};

/** Errors of node-postgres that have no code, by their message. */
const messageTroubles: readonly (readonly [RegExp, Trouble])[] = [
	[
		/query read timeout/i,
		{ what: 'took too long', advice: 'Look for locks and load on the server, and at the network.' },
	],
	[
		/timeout exceeded when trying to connect|connection terminated due to connection timeout/i,
		{ what: 'does not answer', advice: checkServer },
	],
	[
		/connection terminated|connection ended|client has encountered a connection error/i,
		{ what: 'closed the connection', advice: 'The next call connects again.' },
	],
	[
		/does not support ssl/i,
		{ what: 'does not use TLS', advice: 'Switch SSL off in the credential, or on at the server.' },
	],
	[/password must be a string/i, { what: 'asks for a password', advice: 'Give one in the credential.' }],
];

/**
 * An error in words for the user. Quotes only the first line of the server's message, because its details contain
 * values of the row.
 */
export function postgresStoreError(error: unknown, where: string, effect: Effect): TaskStoreError {
	if (error instanceof TaskStoreError) return error;
	const code = errorCode(error);
	const message = errorText(error);
	const trouble =
		(code === undefined ? undefined : postgresTroubles[code]) ??
		connectionTrouble(error) ??
		messageTroubles.find(([pattern]) => pattern.test(message))?.[1];
	const reason = [code, message].filter((part) => part !== undefined && part !== '').join(' ');
	const words = trouble ? `${where} ${trouble.what}. ${trouble.advice} (${reason})` : `${where} failed: ${reason}`;
	return new TaskStoreError(words, effect);
}

/**
 * What a failed statement may have changed. After an error that the server reported it was rolled back (`nothing`); but
 * when the server went down (class 57P), or a pooler lost its connection to it (class 08), the statement may have been
 * committed before (`unknown`).
 */
export function effectOfStatement(error: unknown): Effect {
	const isServers = typeof error === 'object' && error !== null && 'severity' in error;
	return isServers && !/^(08|57P)/.test(errorCode(error) ?? '') ? 'nothing' : 'unknown';
}
