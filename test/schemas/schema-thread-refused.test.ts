import { expect, it, vi } from 'vitest';

import { createSchemaChecks } from '../../nodes/ResilientLlm/schemas/schema-checks';

vi.mock('node:worker_threads', () => ({
	Worker: class {
		constructor() {
			throw new Error('Access to this API has been restricted');
		}
	},
}));

it('where no thread may be started, each check says so, and none waits', async () => {
	const checks = createSchemaChecks();
	const reports = await Promise.all([checks.run({ schema: '{}' }), checks.run({ schema: '{}', value: '1' })]);
	const why = 'no thread can be started: Access to this API has been restricted';
	expect(reports).toEqual([
		{ kind: 'gaveUp', why },
		{ kind: 'gaveUp', why },
	]);
});
