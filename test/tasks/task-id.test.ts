import { expect, it } from 'vitest';

import { canonicalJson, identify, type TaskNaming } from '../../nodes/ResilientLlm/tasks/task-id';

const origin = { workflowId: 'w', workflowName: 'W', nodeId: 'n', nodeName: 'N', executionId: '1' };
const content = { prompt: 'p', systemMessage: '', attachments: [], output: { kind: 'text' } } as const;
const naming: TaskNaming = { content, ownId: '', origin, itemIndex: 0 };
const once: TaskNaming = { content, ownId: '', origin };
const image = { kind: 'image', mimeType: 'image/png', base64: 'AA==', fileName: 'a' } as const;

it('does not depend on the order of keys', () => {
	expect(canonicalJson({ b: [{ d: 1, c: 2 }], a: null })).toBe('{"a":null,"b":[{"c":2,"d":1}]}');
});

it.each([
	['prompt', { ...content, prompt: 'q' }],
	['system message', { ...content, systemMessage: 's' }],
	['output format', { ...content, output: { kind: 'json' } as const }],
	['files', { ...content, attachments: [image] }],
])('another %s is another task, with another fingerprint', (_, other) => {
	expect(identify({ ...once, content: other }).taskId).not.toBe(identify(once).taskId);
	expect(identify({ ...once, content: other }).fingerprint).not.toBe(identify(once).fingerprint);
});

it('a task that runs once is the same in every execution and at every place', () => {
	expect(identify({ ...once, origin: { ...origin, executionId: '2' } }).key).toBe(identify(once).key);
});

it('otherwise each execution and each item has a task of its own', () => {
	expect(identify({ ...naming, origin: { ...origin, executionId: '2' } }).key).not.toBe(identify(naming).key);
	expect(identify({ ...naming, itemIndex: 1 }).key).not.toBe(identify(naming).key);
	expect(identify({ ...naming, ownId: 'order-17' })).toMatchObject({ taskId: 'order-17' });
	expect(identify({ ...naming, ownId: 'order-17', itemIndex: 1 }).key).not.toBe(
		identify({ ...naming, ownId: 'order-17' }).key,
	);
});

it('two nodes or workflows with the same task ID do not share a record', () => {
	const own = { ...once, ownId: 'order-17' };
	expect(identify({ ...own, origin: { ...origin, nodeId: 'm' } }).key).not.toBe(identify(own).key);
	expect(identify({ ...own, origin: { ...origin, workflowId: 'v' } }).key).not.toBe(identify(own).key);
});

it('the same task ID with another input keeps its key, so that the mix-up is seen', () => {
	const own = { ...once, ownId: 'order-17' };
	const other = { ...own, content: { ...content, prompt: 'q' } };
	expect(identify(other).key).toBe(identify(own).key);
	expect(identify(other).fingerprint).not.toBe(identify(own).fingerprint);
});
