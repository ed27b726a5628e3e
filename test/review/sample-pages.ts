import type { Page } from '../../nodes/ResilientLlm/review/page/document';
import { showReview, takeDecision } from '../../nodes/ResilientLlm/review/review-desk';
import { sampleReview } from './sample-review';

const hour = 3_600_000;

const schema = {
	type: 'object',
	properties: { refund: { type: 'boolean' }, reply: { type: 'string' } },
	required: ['refund', 'reply'],
	additionalProperties: false,
};

/** Tries to be anything but text, in every language that might listen. */
export const hostile = [
	'</pre></textarea></title></style><script>window.hacked = 1</script><img src=x onerror="window.hacked = 1"><a href="javascript:window.hacked=1">',
	"\"><svg onload=window.hacked=1> ' onfocus=window.hacked=1 autofocus x='",
	'<form action="https://evil.example"><input name="token"><base href="https://evil.example/"><meta http-equiv="refresh" content="0;url=https://evil.example">',
	'**bold** [link](https://evil.example) ![image](https://evil.example/i.png) `code` {{7*7}} ${7*7}',
	"'; DROP TABLE tasks; -- \u0000\u0007\u001b[31m \u202Etxet desrever \uD800 &amp; &lt;b&gt; <!-- ]]> -->",
].join('\n');

/** Every page there is, by name, each made by the visit that leads to it. */
export async function samplePages(): Promise<Readonly<Record<string, Page>>> {
	const withDraft = await sampleReview();
	const open = await showReview(withDraft.desk, withDraft.token);
	const incomplete = (
		await takeDecision(withDraft.desk, withDraft.body({ decision: 'edit', edited: '', reviewer: '' }))
	).page;
	const approved = (
		await takeDecision(
			withDraft.desk,
			withDraft.body({ decision: 'approve', comment: 'Please also waive the shipping fee.' }),
		)
	).page;
	const decided = await showReview(withDraft.desk, withDraft.token);
	const tooLate = (
		await takeDecision(
			withDraft.desk,
			withDraft.body({ decision: 'answer', answer: 'My own answer', reviewer: 'Alan Turing' }),
		)
	).page;

	const record = await withDraft.record();
	if (record.state === 'resolved') await withDraft.store.endDelivery(record.decision.decisionId);
	const delivered = await showReview(withDraft.desk, withDraft.token);

	const draft = '{"refund": "yes", "reply": "Hello Ada"}';
	const forJson = await sampleReview({
		draft,
		output: { kind: 'jsonSchema', schema },
		reason: 'No model gave an answer in the required format: Google Gemini gave invalid JSON twice',
	});
	const json = await showReview(forJson.desk, forJson.token);
	const jsonMisfit = (await takeDecision(forJson.desk, forJson.body({ decision: 'edit', edited: '{"refund": "no"}' })))
		.page;
	const rejected = (await takeDecision(forJson.desk, forJson.body({ decision: 'reject' }))).page;

	const withoutDraft = await sampleReview({
		draft: null,
		context: null,
		systemMessage: '',
		reason: 'All models failed: Anthropic overloaded (529) three times, OpenAI rate limited (429) three times',
	});
	withoutDraft.pass(6 * hour);
	const overdue = await showReview(withoutDraft.desk, withoutDraft.token);
	const failing = { ...withoutDraft.desk, store: async () => await Promise.reject(new Error('down')) };
	const unavailable = (await takeDecision(failing, withoutDraft.body({ decision: 'answer', answer: 'Typed in vain' })))
		.page;
	withoutDraft.pass(8 * 24 * hour);
	const expired = await showReview(withoutDraft.desk, withoutDraft.token);

	const nasty = await sampleReview({
		prompt: hostile,
		systemMessage: hostile,
		context: { [hostile]: hostile },
		draft: hostile,
		reason: hostile,
	});
	const hostileOpen = await showReview(nasty.desk, nasty.token);
	const hostileTyped = (
		await takeDecision(
			nasty.desk,
			nasty.body({
				decision: 'edit',
				edited: hostile,
				answer: hostile,
				comment: hostile,
				reviewer: `${hostile} is far too long for a name`,
			}),
		)
	).page;
	const hostileDecided = (
		await takeDecision(
			nasty.desk,
			nasty.body({ decision: 'edit', edited: hostile, comment: hostile, reviewer: hostile.slice(0, 200) }),
		)
	).page;

	return {
		open,
		incomplete,
		approved,
		decided,
		delivered,
		tooLate,
		json,
		jsonMisfit,
		rejected,
		overdue,
		unavailable,
		expired,
		unknown: await showReview(nasty.desk, 'guess'),
		hostileOpen,
		hostileTyped,
		hostileDecided,
	};
}
