import { expect, it } from 'vitest';

import { canonicalJson, identify, type TaskNaming } from '../../nodes/ResilientLlm/tasks/task-id';
import { conversationOf, type Conversation } from '../../nodes/ResilientLlm/engine/conversation';

const origin = { workflowId: 'w', workflowName: 'W', nodeId: 'n', nodeName: 'N', executionId: '1' };
const prompt = { prompt: 'p', systemMessage: '', attachments: [], output: { kind: 'text' } } as const;
const content = conversationOf(prompt);
const naming: TaskNaming = { content, ownId: '', origin, itemIndex: 0 };
const once: TaskNaming = { content, ownId: '', origin };
const image = { kind: 'image', mimeType: 'image/png', base64: 'AA==', fileName: 'a' } as const;

it('does not depend on the order of keys', () => {
	expect(canonicalJson({ b: [{ d: 1, c: 2 }], a: null })).toBe('{"a":null,"b":[{"c":2,"d":1}]}');
});

it.each([
	['prompt', conversationOf({ ...prompt, prompt: 'q' })],
	['system message', conversationOf({ ...prompt, systemMessage: 's' })],
	['output format', conversationOf({ ...prompt, output: { kind: 'json' } })],
	['files', conversationOf({ ...prompt, attachments: [image] })],
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
	const other = { ...own, content: conversationOf({ ...prompt, prompt: 'q' }) };
	expect(identify(other).key).toBe(identify(own).key);
	expect(identify(other).fingerprint).not.toBe(identify(own).fingerprint);
});

it('a single prompt has the ID that version 0.1.0 gave it: stores hold such tasks', () => {
	expect(identify(once)).toMatchObject({
		key: '3c13adbc340aa682383cde99eaa0b9ec41c031e0f5d1ae1451849486e659191f',
		taskId: 'bd719b4c313a77f5e47fed20c1794dda95ab509a1c6cbd41d38b9acc0a5a87c9',
		fingerprint: 'b27c63bf1c030e768d669613d5d5a71de0334f0de1d49a80e413af6422b28007',
	});
	const output = { kind: 'jsonSchema', schema: { type: 'object' } } as const;
	const large = conversationOf({ ...prompt, systemMessage: 's', attachments: [image, image], output });
	expect(identify({ ...once, content: large })).toMatchObject({
		key: '1375b6a8889eaea1e83d3d8edddd89f969c266e332615d28979eaa75f09a97e0',
		taskId: '7445d401323f3114b507201d8d0eac8cfdb78fa9af0ea801a3939bc09ddaab54',
		fingerprint: '21248f678ef6044fda6fb2fc76fb801898d291a80726ae9c092e93b60f21888d',
	});
});

it.each([
	['a further message', { messages: [...content.messages, { role: 'assistant', text: 'a', toolCalls: [] }] }],
	['a tool on offer', { tools: [{ name: 't', description: '', schema: {} }] }],
	['another tool choice', { toolChoice: { kind: 'none' } }],
	['a question in two parts', { messages: [{ role: 'user', parts: [1, 2].map(() => ({ kind: 'text', text: 'p' })) }] }],
] as const)('a conversation with %s is another task', (_, change) => {
	const other = { ...once, content: { ...content, ...change } as Conversation };
	expect(identify(other).fingerprint).not.toBe(identify(once).fingerprint);
	expect(identify(other)).toEqual(identify(other));
});
