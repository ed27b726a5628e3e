import { expect, it } from 'vitest';

import { createStoreNotices } from '../../nodes/ResilientLlm/host/store-notices';
import { eventTable } from '../readme/events';

function world() {
	const lines: { level: string; text: string; facts: object | undefined }[] = [];
	const at = (level: string) => (text: string, facts?: object) => void lines.push({ level, text, facts });
	return { lines, notices: createStoreNotices({ info: at('info'), warn: at('warn'), error: at('error') }) };
}

it.each([
	['information', 'info'],
	['warning', 'warn'],
	['loss', 'error'],
] as const)('%s is a line at the level %s, as the README lists it', (kind, level) => {
	const { lines, notices } = world();
	notices.tell({ kind, words: 'The file has moved' });
	const { fields, level: listed } = eventTable['task-store-notice']!;
	const facts = { event: 'task-store-notice', notice: 'The file has moved' };
	expect(lines).toEqual([{ level, text: 'resilient-llm task-store-notice notice="The file has moved"', facts }]);
	expect(Object.keys(facts)).toEqual(['event', ...fields]);
	expect(listed).toContain(`\`${level}\``);
});

it('tells those who watch what was lost meanwhile, and of nothing else', () => {
	const { notices } = world();
	notices.tell({ kind: 'loss', words: 'before' });
	const [first, second] = [notices.watchLosses(), notices.watchLosses()];
	notices.tell({ kind: 'loss', words: 'one' });
	notices.tell({ kind: 'warning', words: 'no loss' });
	expect(first()).toEqual(['one']);
	notices.tell({ kind: 'loss', words: 'two' });
	expect([first(), second()]).toEqual([['one'], ['one', 'two']]);
});
