import { join } from 'node:path';
import { importDemo } from './demo/import-demo.ts';
import { stories } from './demo/stories.ts';
import { cacheFolder } from './install/cache-folder.ts';
import { withFolderLock } from './install/folder-lock.ts';
import { showProgress } from './install/progress.ts';
import { askedToEnd } from './server/end-on-signal.ts';
import { freePortLike } from './server/free-ports.ts';
import { N8nInstance } from './server/n8n-instance.ts';
import { owner } from './server/owner.ts';
import { fates } from './simulated-providers/fate.ts';
import { SimulatedProviders } from './simulated-providers/simulated-providers.ts';

const usualN8nPort = 5678;
// Base URLs in a user's own credentials stay right from one start to the next when this port does.
const usualProvidersPort = 4790;

/** A real n8n with this package, simulated providers and the demo workflows; until it ends or is ended. */
export async function runPlayground(): Promise<void> {
	const userFolder = join(cacheFolder(), 'start');
	await withFolderLock(
		`${userFolder}.lock`,
		() => process.stderr.write(`Waiting for another "npm start" that uses ${userFolder}\n`),
		async () => {
			const providers = await SimulatedProviders.start(await freePortLike(usualProvidersPort));
			const n8n = await N8nInstance.prepare({ userFolder, port: await freePortLike(usualN8nPort) });
			await showProgress('Importing the demo', () => importDemo(n8n, providers));
			const { ended } = await showProgress('Starting n8n', () => n8n.start());
			process.stdout.write(welcome(n8n, providers, userFolder));
			await ended;
			if (!askedToEnd()) throw new Error(`n8n ended by itself. Its log is ${n8n.logFile}`);
		},
	);
}

function welcome(n8n: N8nInstance, providers: SimulatedProviders, userFolder: string): string {
	const links = stories().map((story) => `  ${story.name.padEnd(36)} ${n8n.url}/workflow/${story.id}`);
	return `
n8n is ready   ${n8n.url}
Log in with    ${owner.email} / ${owner.password}

Open one, click "Execute workflow", then look into Resilient LLM:
${links.join('\n')}

All providers are simulated on this machine (${providers.url}), so no call leaves it and nothing is paid.
To break one in a workflow of your own, give its credential a base URL like ${providers.baseUrl('anthropic', 'overloaded')}
and any API key. What can become of a call: ${fates.join(', ')}.

Workflows of your own are kept in ${userFolder}; every start sets the demo ones back.
n8n's log: ${n8n.logFile}
Ctrl-C ends everything.
`;
}
