/** An answer of ordinary length: about 500 words, 3 kB. */
const sentence =
	'The customer ordered on 3 March and returned the amplifier within the period of fourteen days, so the refund is due in full. ';
const text = sentence.repeat(24);
const created = 1_790_000_000;

export const chatCompletion = Buffer.from(
	JSON.stringify({
		id: 'chatcmpl-bench',
		object: 'chat.completion',
		created,
		model: 'gpt-6-luna',
		choices: [
			{
				index: 0,
				message: { role: 'assistant', content: text, refusal: null, annotations: [] },
				logprobs: null,
				finish_reason: 'stop',
			},
		],
		usage: {
			prompt_tokens: 412,
			completion_tokens: 640,
			total_tokens: 1052,
			prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
			completion_tokens_details: {
				reasoning_tokens: 0,
				audio_tokens: 0,
				accepted_prediction_tokens: 0,
				rejected_prediction_tokens: 0,
			},
		},
		service_tier: 'default',
		system_fingerprint: 'fp_bench',
	}),
);

export const anthropicMessage = Buffer.from(
	JSON.stringify({
		id: 'msg_bench',
		type: 'message',
		role: 'assistant',
		model: 'claude-haiku-5-5',
		content: [{ type: 'text', text }],
		stop_reason: 'end_turn',
		stop_sequence: null,
		usage: {
			input_tokens: 412,
			output_tokens: 640,
			cache_creation_input_tokens: 0,
			cache_read_input_tokens: 0,
			service_tier: 'standard',
		},
	}),
);

const errorTypes: Readonly<Record<number, string>> = {
	429: 'rate_limit_exceeded',
	503: 'service_unavailable',
	529: 'overloaded_error',
};

export function errorBody(status: number): Buffer {
	const type = errorTypes[status] ?? 'server_error';
	return Buffer.from(
		JSON.stringify({ error: { message: `Simulated failure ${status}`, type, code: type, param: null } }),
	);
}
