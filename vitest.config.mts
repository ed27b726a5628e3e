import { availableParallelism } from 'node:os';

import { defineConfig } from 'vitest/config';

import { hasProgram } from './test/programs';

/** Suites that need a program no npm package brings. */
const suitesWithRedis = ['test/stores/redis.test.ts', 'test/stores/circuits.test.ts', 'test/stores/cut.test.ts'];
const leftOut = hasProgram('redis-server') ? [] : suitesWithRedis;
if (leftOut.length > 0) {
	process.stderr.write(`redis-server is not installed: left out are ${leftOut.join(', ')}. In CI they would fail.\n`);
}

/** Everything about a real n8n, but not what only reads the results of the survival runs. */
const suitesWithN8n = [
	'test/n8n/*.test.ts',
	'test/n8n/!(agents)/**/*.test.ts',
	'test/n8n/agents/*.test.ts',
	'test/n8n/agents/!(survival)/**/*.test.ts',
];

const suitesInABrowser = ['test/review/page-in-browser.test.ts', 'test/report/page-in-browser.test.ts'];

export default defineConfig({
	test: {
		// One more than there are cores: a third of the tests' time is spent waiting for servers, timers and processes.
		maxWorkers: availableParallelism() + 1,
		projects: [
			{
				test: {
					name: 'unit',
					include: ['test/**/*.test.ts'],
					exclude: [...suitesWithN8n, ...suitesInABrowser, ...leftOut],
					testTimeout: 60_000,
					hookTimeout: 60_000,
				},
			},
			{
				test: {
					name: 'simulation',
					include: ['test/simulation/**/*.simulation.ts'],
				},
			},
			{
				test: {
					name: 'e2e',
					include: [...suitesWithN8n, ...suitesInABrowser],
					exclude: ['test/n8n/versions/**'],
					globalSetup: ['test/n8n/install/before-tests.ts'],
					fileParallelism: false,
					testTimeout: 300_000,
					hookTimeout: 900_000,
				},
			},
			{
				test: {
					name: 'versions',
					include: ['test/n8n/versions/**/*.test.ts'],
					globalSetup: ['test/n8n/install/before-version-tests.ts'],
					fileParallelism: false,
					testTimeout: 300_000,
					hookTimeout: 900_000,
				},
			},
		],
	},
});
