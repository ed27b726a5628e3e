import type { Vendor } from '../../../simulated-providers/vendor.ts';
import { anthropic } from './anthropic.ts';
import { gemini } from './gemini.ts';
import { ollama } from './ollama.ts';
import { openAiChat } from './openai-chat.ts';
import { openAiResponses } from './openai-responses.ts';
import type { Protocol } from './protocol.ts';

const spoken: Readonly<Record<Vendor, readonly Protocol[]>> = {
	anthropic: [anthropic],
	openai: [openAiResponses, openAiChat],
	gemini: [gemini],
	ollama: [ollama],
	compatible: [openAiChat, openAiResponses],
};

/** The protocol in which a path of this vendor is spoken; undefined for one that calls no model. */
export function protocolOf(vendor: Vendor, path: string): Protocol | undefined {
	return spoken[vendor]?.find((protocol) => protocol.path.test(path));
}
