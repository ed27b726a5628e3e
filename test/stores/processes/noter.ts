import { appendFileSync } from 'node:fs';

import { answer, identityOf } from '../samples';
import { openStore, type StoreAddress } from './store-address';

/** Notes tasks without a pause until it is told to stop, and logs when each was begun and stored. */
const [address, log] = process.argv.slice(2).map((parameter) => JSON.parse(parameter) as unknown) as [
	StoreAddress,
	string,
];
const store = openStore(address);
let running = true;

process.on('message', () => {
	running = false;
});
process.send?.('ready');
for (let task = 0; running; task++) {
	const key = `${process.pid} ${task}`;
	const begunAt = Date.now();
	const ended = await store.note(identityOf(key), { kind: 'answered', ...answer('text') }).then(
		() => 'stored',
		(error: unknown) => `failed: ${String(error)}`,
	);
	appendFileSync(log, `${JSON.stringify({ key, begunAt, ended })}\n`);
	await new Promise((resolve) => setImmediate(resolve));
}
await store.close();
process.exit();
