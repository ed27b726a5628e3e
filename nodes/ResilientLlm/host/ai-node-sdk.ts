import type { ISupplyDataFunctions, SupplyData } from 'n8n-workflow';

/**
 * The types of the part of `@n8n/ai-node-sdk` that is used here, as in n8n 2.16 to 2.41. n8n ships the package; its
 * license and its size rule out shipping it with this one, so its own types are not available either.
 */
export interface AiNodeSdk {
	readonly BaseChatModel: new (provider: string, modelId: string) => SdkChatModel;
	supplyModel(context: ISupplyDataFunctions, model: SdkChatModel): SupplyData;
	getParametersJsonSchema(tool: SdkTool): Readonly<Record<string, unknown>>;
}

export interface SdkChatModel {
	readonly tools?: readonly SdkTool[];
	generate(messages: readonly SdkMessage[], config?: SdkCallConfig): Promise<SdkResult>;
	stream(messages: readonly SdkMessage[], config?: SdkCallConfig): AsyncIterable<SdkChunk>;
}

export interface SdkCallConfig {
	readonly signal?: AbortSignal;
	readonly abortSignal?: AbortSignal;
}

export interface SdkTool {
	readonly type: string;
	readonly name: string;
	readonly description?: string;
}

export interface SdkMessage {
	readonly role: 'system' | 'user' | 'assistant' | 'tool';
	readonly content: readonly SdkContent[];
}

export type SdkContent =
	| { readonly type: 'text'; readonly text: string }
	| { readonly type: 'file'; readonly mediaType?: string; readonly data: string | Uint8Array }
	| { readonly type: 'tool-call'; readonly toolCallId?: string; readonly toolName: string; readonly input: string }
	| {
			readonly type: 'tool-result';
			readonly toolCallId: string;
			readonly result: unknown;
			readonly isError?: boolean;
	  }
	| { readonly type: 'reasoning' | 'citation' | 'provider' | 'invalid-tool-call' };

export interface SdkUsage {
	readonly promptTokens: number;
	readonly completionTokens: number;
	readonly totalTokens: number;
	readonly inputTokenDetails?: { readonly cacheRead?: number };
	readonly outputTokenDetails?: { readonly reasoning?: number };
}

export type SdkFinishReason = 'stop' | 'length' | 'content-filter' | 'tool-calls' | 'error' | 'other';

export interface SdkResult {
	readonly id?: string;
	readonly finishReason?: SdkFinishReason;
	readonly usage?: SdkUsage;
	readonly message: SdkMessage;
	readonly providerMetadata?: Readonly<Record<string, unknown>>;
}

export type SdkChunk =
	| { readonly type: 'text-delta'; readonly delta: string }
	| { readonly type: 'tool-call-delta'; readonly id: string; readonly name: string; readonly argumentsDelta: string }
	| { readonly type: 'finish'; readonly finishReason: SdkFinishReason; readonly usage?: SdkUsage };

/** Typed as string, because for a literal the compiler would look for the types of a package that is not installed. */
const packageName: string = '@n8n/ai-node-sdk';

let sdk: Promise<AiNodeSdk | undefined> | undefined;

/**
 * n8n's own copy of the SDK, loaded on first use. Undefined when n8n has none (before 2.16), or one without the
 * functions needed here.
 */
export async function aiNodeSdk(): Promise<AiNodeSdk | undefined> {
	sdk ??= load();
	return await sdk;
}

async function load(): Promise<AiNodeSdk | undefined> {
	try {
		const loaded = (await import(packageName)) as Partial<AiNodeSdk>;
		return isWhole(loaded) ? loaded : undefined;
	} catch {
		return undefined;
	}
}

function isWhole(loaded: Partial<AiNodeSdk>): loaded is AiNodeSdk {
	const parts = [loaded.BaseChatModel, loaded.supplyModel, loaded.getParametersJsonSchema];
	return parts.every((part) => typeof part === 'function');
}
