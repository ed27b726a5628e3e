import { expect, it } from 'vitest';

import { runChain } from '../../nodes/ResilientLlm/engine/chain';
import { defectWords } from '../../nodes/ResilientLlm/engine/defect-words';
import { answer, fail, portsOf, scriptedStep, taskOf } from './scripted-step';
import { createVirtualClock } from './virtual-clock';

const broken = () => {
	throw new RangeError('a secret in a message');
};

it('what breaks in the middle of a task makes it one for a human, with all that there was', async () => {
	const clock = createVirtualClock();
	const first = scriptedStep(clock, [fail('authentication')]);
	const second = scriptedStep(clock, [answer('paid for')], { price: broken });
	const outcome = await clock.drive(runChain(taskOf(clock, [first, second]), portsOf(clock)));

	expect(outcome).toMatchObject({ kind: 'escalated', reasonCode: 'all_models_failed', draft: { text: 'paid for' } });
	expect(outcome.attempts).toMatchObject([{ reason: 'authentication' }]);
	expect(outcome.warnings).toEqual([
		expect.stringMatching(/^The work on this task broke off: an unexpected RangeError at broken-off\.test\.ts:\d+/),
	]);
	expect(JSON.stringify(outcome)).not.toContain('secret');
});

it('words for a defect say where it was, and survive any error', () => {
	expect(defectWords(new TypeError('secret'))).toMatch(
		/^an unexpected TypeError at broken-off\.test\.ts:\d+, a defect of this package: please report it$/,
	);
	expect(defectWords(new Error('see secret.js:1'))).not.toContain('secret');
	expect(defectWords('secret')).toMatch(/^an unexpected Error/);
	expect(defectWords(Object.assign(new Error('x'), { stack: '' }))).toBe(
		'an unexpected Error, a defect of this package: please report it',
	);
});
