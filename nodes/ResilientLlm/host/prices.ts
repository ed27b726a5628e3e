import type { Usage } from '../engine/completion';
import type { ProviderId } from '../providers';
import overlayData from './price-overlay.json';

/** USD per million tokens. An absent price is unknown. */
interface Rates {
	readonly input?: number;
	readonly cachedInput?: number;
	readonly output?: number;
}

interface OverlayEntry {
	readonly contextWindow: number;
	readonly base: Rates;
	/** What holds for the whole call once its prompt is longer. */
	readonly longPrompt?: Rates & { readonly aboveTokens: number };
}

/** Models that the price data does not know yet. */
const overlay: Readonly<Record<string, Readonly<Record<string, OverlayEntry>>>> = overlayData.models;

/** Whose model it is. The base URL tells which vendor stands behind an OpenAI-compatible server. */
export interface Seller {
	readonly provider: ProviderId;
	readonly baseUrl: string;
}

export interface PriceList {
	/** USD for this usage; null when the model, or what it costs, is unknown. */
	costUsd(seller: Seller, model: string, usage: Usage): number | null;
	/** Tokens the model can hold; undefined when unknown. */
	contextWindow(seller: Seller, model: string): number | undefined;
}

const sellerIds: Partial<Record<ProviderId, string>> = { anthropic: 'anthropic', openAi: 'openai', gemini: 'google' };

/** Prices as published, from data inside the package: nothing is fetched. */
export async function loadPrices(): Promise<PriceList> {
	const { calcPrice } = await import('@pydantic/genai-prices');

	return {
		costUsd(seller, model, usage) {
			if (seller.provider === 'ollama') return 0;
			const published = publishedPrice(seller, model, usage);
			if (published !== undefined) return withoutNoise(published.total_price);
			const entry = overlayEntry(seller, model);
			return entry === undefined ? null : costAt(ratesFor(entry, usage), usage);
		},
		contextWindow(seller, model) {
			if (seller.provider === 'ollama') return undefined;
			const anyUsage = { inputTokens: 0, outputTokens: 0, cachedInputTokens: 0, reasoningTokens: 0 };
			return publishedPrice(seller, model, anyUsage)?.model.context_window ?? overlayEntry(seller, model)?.contextWindow;
		},
	};

	function publishedPrice(seller: Seller, model: string, usage: Usage) {
		const providerId = sellerIds[seller.provider];
		const from = providerId === undefined ? { providerApiUrl: seller.baseUrl } : { providerId };
		try {
			const tokens = {
				input_tokens: usage.inputTokens,
				output_tokens: usage.outputTokens,
				cache_read_tokens: usage.cachedInputTokens,
			};
			const result = calcPrice(tokens, model.replace(/^models\//, ''), from);
			// The data matches by prefix too, and another model's price is no price.
			return result !== null && plainName(result.model.id) === plainName(model) ? result : undefined;
		} catch {
			// It throws at usage that makes no sense, such as more cached tokens than tokens.
			return undefined;
		}
	}
}

/** USD for this usage at these rates; null when one that is needed is unknown. */
export function costAt(rates: Rates, usage: Usage): number | null {
	const cached = rates.cachedInput ?? (usage.cachedInputTokens === 0 ? 0 : undefined);
	if (rates.input === undefined || rates.output === undefined || cached === undefined) return null;
	const uncachedTokens = usage.inputTokens - usage.cachedInputTokens;
	return withoutNoise(
		(uncachedTokens * rates.input + usage.cachedInputTokens * cached + usage.outputTokens * rates.output) / 1_000_000,
	);
}

/** Binary fractions leave 0.00015000000000000001 behind, and people read these numbers. */
function withoutNoise(usd: number): number {
	return Number(usd.toPrecision(12));
}

function overlayEntry({ provider }: Seller, model: string): OverlayEntry | undefined {
	return Object.entries(overlay[provider] ?? {}).find(([id]) => id === plainName(model))?.[1];
}

function ratesFor({ base, longPrompt }: OverlayEntry, usage: Usage): Rates {
	return longPrompt !== undefined && usage.inputTokens > longPrompt.aboveTokens ? longPrompt : base;
}

/** A model's name without the date or version of its snapshot: "gpt-4o-mini-2024-07-18" is "gpt-4o-mini". */
function plainName(model: string): string {
	return model.replace(/^models\//, '').replace(/-(\d{8}|\d{4}-\d{2}-\d{2}|\d{3})$/, '');
}
