import { defineConfig } from 'vitest/config';

export default defineConfig({
	test: {
		projects: [
			{
				test: {
					name: 'unit',
					include: ['test/**/*.test.ts'],
					exclude: ['test/n8n/**'],
					testTimeout: 60_000,
				},
			},
			{
				test: {
					name: 'e2e',
					include: ['test/n8n/**/*.test.ts'],
					globalSetup: [],
					fileParallelism: false,
					testTimeout: 300_000,
					hookTimeout: 900_000,
				},
			},
		],
	},
});
