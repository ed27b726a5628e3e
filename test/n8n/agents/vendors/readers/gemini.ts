import { GoogleGenerativeAI, type GenerateContentResult, type Part } from '@google/generative-ai';
import { tools, type Read, type Reader } from './reader.ts';

export const geminiReaders: readonly Reader[] = [
	{
		vendor: 'gemini',
		name: 'Gemini',
		ends: { calls: 'STOP', answer: 'STOP', length: 'MAX_TOKENS', refused: 'SAFETY' },
		read: async (baseUrl, question, result) =>
			readGemini(await gemini(baseUrl).generateContent(geminiBody(question, result))),
	},
	{
		vendor: 'gemini',
		name: 'Gemini, streamed',
		ends: { calls: 'STOP', answer: 'STOP', length: 'MAX_TOKENS', refused: 'SAFETY' },
		read: async (baseUrl, question, result) => {
			const { response } = await gemini(baseUrl).generateContentStream(geminiBody(question, result));
			return readGemini({ response: await response });
		},
	},
];

function gemini(baseUrl: string) {
	return new GoogleGenerativeAI('key').getGenerativeModel({ model: 'gemini-3.8-flash' }, { baseUrl });
}

/** What Gemini takes for the signature of a call that another model made; its old SDK does not know the field. */
const foreignCall = 'skip_thought_signature_validator';

function geminiBody(question: string, result: string | undefined) {
	const called = [
		{
			role: 'model',
			parts: [{ functionCall: { name: 'calculator', args: { input: '6*7' } }, thoughtSignature: foreignCall } as Part],
		},
		{ role: 'function', parts: [{ functionResponse: { name: 'calculator', response: { result } } }] },
	];
	return {
		contents: [{ role: 'user', parts: [{ text: question }] }, ...(result === undefined ? [] : called)],
		tools: [{ functionDeclarations: tools.map((name) => ({ name, description: name })) }],
	};
}

function readGemini({ response }: GenerateContentResult): Read {
	const candidate = response.candidates?.[0];
	const parts = candidate?.content?.parts ?? [];
	return {
		text: parts.map((part) => part.text ?? '').join(''),
		calls: parts.flatMap(({ functionCall }) =>
			functionCall === undefined ? [] : [{ name: functionCall.name, input: functionCall.args }],
		),
		end: candidate?.finishReason,
		tokens: response.usageMetadata?.totalTokenCount,
	};
}
