import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { checkout } from '../../install/checkout.ts';
import type { Vendor } from '../../simulated-providers/vendor.ts';
import type { ErrorReply } from './protocols/protocol.ts';

interface Violation {
	readonly rule: string;
	readonly message: string;
	readonly severity: 'refused' | 'warning';
	readonly status: number;
}

interface Protocols {
	protocolFor(path: string):
		| {
				readonly protocol: {
					check(body: unknown, call: { readonly headers: PlainHeaders; readonly path: string }): readonly Violation[];
					error(refusal: Violation): object;
				};
		  }
		| undefined;
}

type PlainHeaders = Readonly<Record<string, string>>;

const folder = pathToFileURL(join(checkout, 'test', 'vendor-rules/')).href;

// Not plain imports: the rules are written for a bundler. They import each other without an extension, and do not
// compile under the settings here.
registerHooks({
	resolve(specifier, context, next) {
		if (specifier.startsWith(folder)) return { ...next(specifier, context), format: 'module-typescript' };
		const isInside = context.parentURL?.startsWith(folder) === true && specifier.startsWith('.');
		if (!isInside) return next(specifier, context);
		return { ...next(`${specifier}.ts`, context), format: 'module-typescript' };
	},
});
const { protocolFor } = (await import(`${folder}protocols.ts`)) as Protocols;
/** What the vendors sign thoughts and calls with, so that their rules know them again. */
export const { signThinking } = (await import(`${folder}anthropic/thinking.ts`)) as {
	signThinking(request: unknown, thinking: string): string;
};
export const { signPart } = (await import(`${folder}gemini/contents.ts`)) as {
	signPart(part: object, model: string): string;
};

/**
 * Rules that are right for what this package sends, but stricter than Gemini is seen to be: it answers n8n, which gives
 * tool results the role `function`, and sends calls back with one argument more than they had.
 */
const tooStrict = ['role', 'signature-changed'];

/** What LangChain sends for the signature of a foreign call: a real one, of some call that Gemini once made. */
const langChainsSignature = /"thoughtSignature":"ErYCCrMCAdHtim9k[^"]*"/g;
const documentedInstead = '"thoughtSignature":"skip_thought_signature_validator"';

export interface Objection {
	/** The vendor's own words. */
	readonly message: string;
	readonly reply: ErrorReply;
}

/** Why the vendor turns a request down that breaks its rules; undefined when it takes it. */
export function objectionTo(vendor: Vendor, path: string, headers: PlainHeaders, text: string): Objection | undefined {
	const spoken = vendor === 'compatible' ? `/plain${path}` : path;
	const body = JSON.parse(text.replaceAll(langChainsSignature, documentedInstead)) as unknown;
	const protocol = protocolFor(spoken)?.protocol;
	const refusal = protocol
		?.check(body, { headers, path: spoken })
		.find(({ severity, rule }) => severity === 'refused' && !tooStrict.includes(rule));
	if (protocol === undefined || refusal === undefined) return undefined;
	const { message, status } = refusal;
	return { message, reply: { status, headers: {}, body: protocol.error(refusal) } };
}
