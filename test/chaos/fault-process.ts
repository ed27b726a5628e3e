import { once } from 'node:events';

import { reply, startFaultServer, type Behaviour, type SeenRequest } from '../providers/fault-server';
import { sinceBootMs } from './served-elsewhere';

/**
 * A fault server in a process of its own, for tests that measure time: what the server does costs the measured process
 * nothing. Which faults it serves, a module of this folder says: its `behaviours` are called with the given parameters.
 */
interface Plan {
	behaviours(parameters: unknown): (path: string) => Behaviour | undefined;
}

const journal: { readonly path: string; readonly at: number }[] = [];
const requestsKept = 1000;

const [module = '', parameters = ''] = process.argv.slice(2);
const plan = (await import(module)) as Plan;
const behaviourFor = plan.behaviours(JSON.parse(parameters));
const server = await startFaultServer();
server.answer(serve);

process.on('disconnect', () => process.exit());
process.send?.({ url: server.url });
for (;;) {
	await once(process, 'message');
	process.send?.({ journal });
}

function serve({ path }: SeenRequest): Behaviour {
	journal.push({ path, at: sinceBootMs() });
	// The server remembers every request until it gets a new answer.
	if (journal.length % requestsKept === 0) server.answer(serve);
	return behaviourFor(path) ?? reply(500, 'no such call');
}
