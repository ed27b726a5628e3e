import { expect, it } from 'vitest';

import { canonicalJson, taskIdOf } from '../../nodes/ResilientLlm/host/task-id';

const identity = { workflowId: 'w', nodeId: 'n', prompt: 'p', systemMessage: '', schema: { kind: 'text' }, attachments: [], executionId: '1', itemIndex: 0 };

it('is the same for the same input, whatever the order of its keys', () => {
	expect(canonicalJson({ b: [{ d: 1, c: 2 }], a: null })).toBe('{"a":null,"b":[{"c":2,"d":1}]}');
	expect(taskIdOf(identity)).toBe(taskIdOf(Object.fromEntries(Object.entries(identity).reverse()) as unknown as typeof identity));
});

it.each([{ prompt: 'q' }, { systemMessage: 's' }, { schema: { kind: 'json' } }, { attachments: ['a'] }, { itemIndex: 1 }, { executionId: '2' }, { nodeId: 'm' }])(
	'is another for %o',
	(change) => {
		expect(taskIdOf({ ...identity, ...change })).not.toBe(taskIdOf(identity));
	},
);
