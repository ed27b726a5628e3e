import { nodeSettings } from '../contenders/ours.ts';
import { collectYoungGarbage, inRounds } from '../measure/rounds.ts';
import { spreadOf } from '../measure/statistics.ts';
import { runNode, type InputItem, type StoreKind } from '../ours/node-context.ts';
import { storeServers } from '../ours/store-servers.ts';
import type { Row, ScenarioResult, Table } from '../report/result.ts';
import { plainRoute } from './overhead.ts';
import type { Bench } from './scenario.ts';

interface Entrant {
	readonly id: string;
	readonly label: string;
	readonly store: StoreKind;
	readonly once: boolean;
	/** µs an item, one round each. */
	readonly runs: { readonly wall: number; readonly cpu: number }[];
}

const labels: Readonly<Record<StoreKind, string>> = {
	none: 'no store',
	embedded: 'embedded',
	redis: 'Redis',
	postgres: 'PostgreSQL',
};

/**
 * What remembering a task costs: the whole node with each store, on real servers of this machine that write to the
 * disk.
 */
export async function stores({ provider, quick, progress }: Bench): Promise<ScenarioResult> {
	const { redisIsHere, postgresSuperuser, startPostgres, startRedis } = await storeServers();
	progress('starting the servers');
	const redis = redisIsHere ? await startRedis('--appendonly', 'yes') : undefined;
	const postgres = await startPostgres('-c', 'fsync=on');
	const credentials = {
		resilientLlmPostgresApi: {
			host: '127.0.0.1',
			port: postgres.port,
			...postgresSuperuser,
			schema: 'bench',
			ssl: false,
			ignoreSslIssues: false,
		},
		...(redis !== undefined && {
			resilientLlmRedisApi: {
				host: '127.0.0.1',
				port: redis.port,
				username: '',
				password: '',
				database: 0,
				prefix: 'bench',
				ssl: false,
				ignoreSslIssues: false,
			},
		}),
	};
	const settings = nodeSettings('openAi', { ...plainRoute, baseUrls: [provider.baseUrl('answer-0', 'stores')] });
	const kinds: readonly StoreKind[] = [
		'none',
		'embedded',
		...(redis === undefined ? [] : (['redis'] as const)),
		'postgres',
	];
	let executions = 0;

	const measure = async ({ store, once, runs }: Entrant, items: number, concurrency: number): Promise<void> => {
		executions += 1;
		const input = Array.from({ length: items }, (_, index): InputItem => ({
			json: { text: `Question ${executions}.${index}` },
		}));
		collectYoungGarbage();
		const cpuBefore = process.cpuUsage();
		const start = performance.now();
		const { success } = await runNode({
			...settings,
			credentials: { ...settings.credentials, ...credentials },
			items: input,
			parameters: { taskStore: store, preventDuplicates: once },
			options: { concurrency },
			executionId: `stores-${executions}`,
		});
		const wall = ((performance.now() - start) * 1000) / items;
		const { user, system } = process.cpuUsage(cpuBefore);
		if (success.length !== items) throw new Error(`${success.length} of ${items} items were answered with ${store}`);
		runs.push({ wall, cpu: (user + system) / items });
	};

	const tables: Table[] = [];
	try {
		for (const concurrency of [1, 50]) {
			const entrants = kinds.flatMap((store): Entrant[] => [
				{ id: store, label: labels[store], store, once: false, runs: [] },
				...(store === 'none'
					? []
					: [{ id: `${store}-once`, label: `${labels[store]}, each task only once`, store, once: true, runs: [] }]),
			]);
			for (const entrant of entrants) await measure({ ...entrant, runs: [] }, quick ? 50 : 300, concurrency);
			const items = (quick ? 50 : 200) * (concurrency === 1 ? 1 : 5);
			await inRounds(
				quick ? 3 : 15,
				entrants,
				async (entrant) => await measure(entrant, items, concurrency),
				(text) => progress(`${concurrency} at once, ${text}`),
			);
			tables.push(tableOf(concurrency, entrants));
		}
	} finally {
		// Their clients stay connected until this process ends, and say nothing when the servers go.
		await Promise.all([redis?.stop(), postgres.stop()]);
	}
	return {
		name: 'stores',
		title: 'What each task store costs an item',
		tables,
		targets: [],
		notes: [
			'The whole node with a provider that answers at once, so the store cannot hide behind the model. PostgreSQL syncs every commit, Redis keeps an append-only file, the embedded store syncs every write: what they cost is this machine’s disk.',
			'Loopback only: a server elsewhere adds its network.',
		],
	};
}

function tableOf(concurrency: number, entrants: readonly Entrant[]): Table {
	const none = entrants.find(({ store }) => store === 'none')?.runs ?? [];
	return {
		id: `stores-${concurrency}`,
		title: `${concurrency} at once`,
		columns: [
			{ key: 'wall', title: 'an item', unit: 'µs', digits: 0 },
			{ key: 'added', title: 'added by the store', unit: 'µs', digits: 0 },
			{ key: 'cpu', title: 'CPU an item', unit: 'µs', digits: 0 },
			{ key: 'addedCpu', title: 'added CPU', unit: 'µs', digits: 0 },
		],
		rows: entrants.map(({ id, label, store, runs }): Row => ({
			id,
			label,
			values: {
				wall: spreadOf(runs.map(({ wall }) => wall)),
				added:
					store === 'none' ? null : spreadOf(runs.map(({ wall }, round) => wall - (none[round]?.wall ?? Number.NaN))),
				cpu: spreadOf(runs.map(({ cpu }) => cpu)),
				addedCpu:
					store === 'none' ? null : spreadOf(runs.map(({ cpu }, round) => cpu - (none[round]?.cpu ?? Number.NaN))),
			},
		})),
	};
}
