import { describe, expect, test } from 'vitest';
import type { Heard } from '../heard.ts';
import { booking, calculating } from '../vendors/scripts.ts';
import { outcomeOf, readBy, type Traces } from './outcome.ts';

const answer = 'The result is 42.';
const heard: Heard = { status: 200, body: `{"output":"${answer}"}`, pieces: [], ended: true, seconds: 0.4 };
const calculated = { input: { input: '6*7', id: 'call_1' }, output: { response: '42' }, error: undefined };
const good: Traces = {
	script: calculating,
	heard,
	streamed: false,
	status: 'success',
	error: undefined,
	output: answer,
	calculations: [calculated],
	bookings: [],
};
const booked: Traces = {
	...good,
	script: booking,
	output: booking.answer,
	calculations: [],
	bookings: [{ account: 'savings', amount: 42 }],
};

function streamedAs(...texts: readonly string[]): Traces {
	const pieces = texts.map((content) => ({ afterMs: 1, type: 'item', content }));
	return { ...good, streamed: true, heard: { ...heard, body: '', pieces } };
}

describe('a run is right', () => {
	test('when the caller has the whole answer', () => expect(outcomeOf(good)).toEqual({ verdict: 'right' }));
	test('when it was streamed piece by piece', () => {
		expect(outcomeOf(streamedAs('The ', 'result ', 'is 42.'))).toEqual({ verdict: 'right' });
	});
	test('when the tool that writes did once what was asked, in whatever order of fields', () => {
		expect(outcomeOf(booked)).toEqual({ verdict: 'right' });
	});
	test('when the calculator only said that it could not read a broken call', () => {
		const unread = { input: { input: '6*' }, output: { response: 'I don’t know how to do that.' }, error: undefined };
		expect(outcomeOf({ ...good, calculations: [unread, calculated] })).toEqual({ verdict: 'right' });
	});
});

describe('a success is wrong', () => {
	test.each([
		['empty', ''],
		['cut off', 'The result i'],
		['glued together', `The result i${answer}`],
		['not the answer', 'I’m sorry.'],
	])('when the item is %s', (why, output) => {
		expect(outcomeOf({ ...good, output })).toEqual({ verdict: 'wrong', why });
	});
	test('when there is no item', () => {
		expect(outcomeOf({ ...good, output: undefined })).toEqual({ verdict: 'wrong', why: 'empty' });
	});
	test('when only the streaming client got something else than the item', () => {
		expect(outcomeOf(streamedAs('The result i', answer))).toEqual({ verdict: 'wrong', why: 'glued together' });
	});
	test.each([
		['less than was asked', [{ amount: 42 }]],
		['the right thing twice', [...booked.bookings, ...booked.bookings]],
	])('when the tool that writes did %s', (_, bookings) => {
		expect(outcomeOf({ ...booked, bookings })).toMatchObject({
			verdict: 'wrong',
			acted: [expect.stringMatching(/^booked/)],
		});
	});
	test('when something was booked though nobody asked for it', () => {
		expect(outcomeOf({ ...good, bookings: [{}] })).toMatchObject({ verdict: 'wrong', acted: ['booked {}'] });
	});
	test('when something else was calculated', () => {
		const other = { input: { input: '6*1' }, output: { response: '6' }, error: undefined };
		expect(outcomeOf({ ...good, calculations: [other] })).toMatchObject({ acted: ['calculated {"input":"6*1"}'] });
	});
});

test('an error says why, and what was done before', () => {
	const failed = {
		...good,
		status: 'error',
		error: 'Connection error.',
		output: undefined,
		bookings: [{ amount: 42 }],
	};
	expect(outcomeOf(failed)).toEqual({ verdict: 'error', why: 'Connection error.', acted: ['booked {"amount":42}'] });
});

test('a run without an end hangs, whatever n8n made of it', () => {
	expect(outcomeOf({ ...good, heard: { ...heard, ended: false } })).toMatchObject({ verdict: 'hang' });
});

test('the caller of a stream reads its text and its error', () => {
	const pieces = [
		{ afterMs: 1, type: 'begin', content: '' },
		{ afterMs: 2, type: 'item', content: 'The result i' },
		{ afterMs: 3, type: 'error', content: 'terminated' },
	];
	expect(readBy({ heard: { ...heard, pieces }, streamed: true })).toBe('The result i [error: terminated]');
});
