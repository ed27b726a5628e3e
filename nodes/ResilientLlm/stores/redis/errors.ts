import { TaskStoreError, type Effect } from '../../engine/store/task-store';
import { checkServer, connectionTrouble, errorText, type Trouble } from '../connection-trouble';

/** Errors of the server begin with a word in capitals; errors of ioredis are recognised by their text. */
const redisTroubles: readonly (readonly [RegExp, Trouble])[] = [
	[/^NOAUTH|unauthenticated/, { what: 'asks for a password', advice: 'Give one in the credential.' }],
	[
		/^WRONGPASS|^ERR (invalid password|AUTH)/,
		{ what: 'refuses user or password', advice: 'Check both in the credential.' },
	],
	[
		/^NOPERM/,
		{
			what: 'denies a right',
			advice:
				'Allow the user of the credential the commands for scripts, hashes, sorted sets and keys, on all keys of the prefix.',
		},
	],
	[/^READONLY/, { what: 'takes no writes: it is a replica', advice: 'Give the primary server in the credential.' }],
	[/^OOM/, { what: 'is out of memory', advice: 'Raise maxmemory on the server, or prune what else is in it.' }],
	[
		/^MISCONF/,
		{
			what: 'cannot save to its disk and takes no writes',
			advice: 'Free some space on the server, and look at its log.',
		},
	],
	[/^LOADING/, { what: 'is starting up', advice: 'The next call tries again.' }],
	[/^(BUSY|TRYAGAIN|MASTERDOWN|CLUSTERDOWN)/, { what: 'is not ready', advice: "Look at the server's log." }],
	[
		/^MOVED/,
		{
			what: "is one node of a cluster, and the store's keys are on another",
			advice: 'Give the node named here in the credential, or the address of a proxy.',
		},
	],
	[
		/^ERR (DB index|SELECT)/,
		{ what: 'has no such database number', advice: 'Check the database in the credential; a cluster has only 0.' },
	],
	[/timed out|timeout/i, { what: 'does not answer', advice: checkServer }],
	[
		/connection is closed|max retries|isn't writeable|connection closed|aborted/i,
		{ what: 'closed the connection', advice: 'The next call connects again.' },
	],
];

export function redisStoreError(error: unknown, where: string, effect: Effect): TaskStoreError {
	if (error instanceof TaskStoreError) return error;
	const message = errorText(error);
	const trouble = connectionTrouble(error) ?? redisTroubles.find(([pattern]) => pattern.test(message))?.[1];
	const words = trouble ? `${where} ${trouble.what}. ${trouble.advice} (${message})` : `${where} failed: ${message}`;
	return new TaskStoreError(words, effect);
}
