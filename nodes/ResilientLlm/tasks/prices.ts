import type { MatchLogic, ModelPrice, PriceCalculation, Provider } from '@pydantic/genai-prices';

import { remembering } from '../engine/remembering';
import { roundedUsd } from '../engine/usd';
import type { Usage } from '../engine/completion';
import { vendors, type ProviderId } from '../providers/vendors';
import { lazy } from '../providers/lazy';
import overlayData from './price-overlay.json';

/** USD per million tokens. */
interface Rates {
	readonly input: number;
	/** For input tokens read from the vendor's prompt cache. */
	readonly cachedInput: number;
	/** For input tokens written to the vendor's prompt cache. Absent: the price of other input. */
	readonly cacheWrite?: number;
	/** For input tokens cached for one hour. Absent: the price of other cache writes. */
	readonly hourLongCacheWrite?: number;
	readonly output: number;
}

interface OverlayEntry {
	readonly contextWindow: number;
	readonly base: Rates;
	/** The rates for the whole call when its prompt is longer than `aboveTokens`. */
	readonly longPrompt?: { readonly aboveTokens: number; readonly rates: Rates };
}

/**
 * Models that the price data does not know yet, or takes for another model. Keyed by its vendor IDs, then by model ID.
 */
const overlay: Readonly<Record<string, Readonly<Record<string, OverlayEntry>>>> = overlayData.models;

/** Where a model is called. The base URL tells which vendor is behind it; otherwise the provider does. */
export interface Seller {
	readonly provider: ProviderId;
	readonly baseUrl: string;
}

export interface PriceList {
	/** USD for this usage; null when the model or its price is unknown. */
	costUsd(seller: Seller, model: string, usage: Usage): number | null;
	/** Context window in tokens; undefined when unknown. */
	contextWindow(seller: Seller, model: string): number | undefined;
}

/** Loads the published prices from data inside the package: nothing is fetched. */
export const loadPrices = lazy(async (): Promise<PriceList> => {
	const { calcPrice, findProvider } = await import('@pydantic/genai-prices');
	const vendorsAt = remembering(
		maxRemembered,
		({ provider, baseUrl }: Seller) => vendorAt(provider, baseUrl),
		({ provider, baseUrl }) => `${provider} ${baseUrl}`,
	);
	const listings = remembering(
		maxRemembered,
		({ vendor, name }: Listed) => listingOf(vendor, name),
		({ vendor, name }) => `${vendor} ${name}`,
	);

	return {
		costUsd(seller, model, usage) {
			if (seller.provider === 'ollama') return 0;
			const vendor = vendorsAt(seller);
			if (vendor === undefined) return null;
			const { billedUsd, specialRate } = usage;
			if (vendor === 'openrouter' && billedUsd !== undefined) return roundedUsd(billedUsd);
			if (specialRate !== undefined) return null;
			const name = plainName(model);
			const entry = overlayEntry(vendor, name);
			if (entry !== undefined) return costAt(ratesFor(entry, usage), usage);
			const published = publishedPrice(listings({ vendor, name }), name, usage);
			return published !== undefined && prices(published.model_price, usage) ? roundedUsd(published.total_price) : null;
		},
		contextWindow(seller, model) {
			const vendor = seller.provider === 'ollama' ? undefined : vendorsAt(seller);
			if (vendor === undefined) return undefined;
			const name = plainName(model);
			return overlayEntry(vendor, name)?.contextWindow ?? listings({ vendor, name })?.models[0]?.context_window;
		},
	};

	/** The vendor's ID in the price data. Undefined: it has none. */
	function vendorAt(provider: ProviderId, baseUrl: string): string | undefined {
		const address = plainAddress(baseUrl);
		const vendor = findProvider({ providerApiUrl: address });
		return vendor !== undefined && endsAtHost(vendor.api_pattern, address) ? vendor.id : vendors[provider].priceName;
	}

	/** The vendor's price data reduced to this one model: searching all its models at each call would be slow. */
	function listingOf(vendor: string, name: string): Provider | undefined {
		const found = calcPrice({}, name, { providerId: vendor });
		return found !== null && isMeantBy(found.model, name) ? { ...found.provider, models: [found.model] } : undefined;
	}

	/** Calculated at each call, because some prices depend on the time of day. */
	function publishedPrice(listing: Provider | undefined, name: string, usage: Usage): PriceCalculation | undefined {
		if (listing === undefined) return undefined;
		try {
			return calcPrice(tokensOf(usage), name, { provider: listing }) ?? undefined;
		} catch {
			// `calcPrice` throws for inconsistent usage, such as more cached tokens than input tokens.
			return undefined;
		}
	}
});

interface Listed {
	readonly vendor: string;
	readonly name: string;
}

/** Maximum number of memoised results: model names may come from item data, so their number is unlimited. */
const maxRemembered = 1000;

/** USD for this usage at these rates; null when the usage is inconsistent. */
export function costAt(rates: Rates, usage: Usage): number | null {
	const { inputTokens, cachedInputTokens, cacheWriteTokens = 0, hourLongCacheWriteTokens = 0, outputTokens } = usage;
	const { input, cachedInput, cacheWrite = input, hourLongCacheWrite = cacheWrite, output } = rates;
	const parts = [
		[inputTokens - cachedInputTokens - cacheWriteTokens, input],
		[cachedInputTokens, cachedInput],
		[cacheWriteTokens - hourLongCacheWriteTokens, cacheWrite],
		[hourLongCacheWriteTokens, hourLongCacheWrite],
		[outputTokens, output],
	] as const;
	if (!parts.every(([tokens]) => tokens >= 0)) return null;
	return roundedUsd(parts.reduce((sum, [tokens, rate]) => sum + tokens * rate, 0) / 1_000_000);
}

function tokensOf(usage: Usage) {
	return {
		input_tokens: usage.inputTokens,
		cache_read_tokens: usage.cachedInputTokens,
		cache_write_tokens: usage.cacheWriteTokens ?? 0,
		cache_write_1h_tokens: usage.hourLongCacheWriteTokens ?? 0,
		output_tokens: usage.outputTokens,
	};
}

/**
 * Whether the price data has a price for every kind of token used. Where it has none, it would count the tokens as
 * another kind, or as free.
 */
function prices(price: ModelPrice, usage: Usage): boolean {
	const needed = {
		input_mtok: true,
		output_mtok: true,
		cache_read_mtok: usage.cachedInputTokens > 0,
		cache_write_mtok: (usage.cacheWriteTokens ?? 0) > 0,
		cache_write_1h_mtok: (usage.hourLongCacheWriteTokens ?? 0) > 0,
	};
	return Object.entries(needed).every(([key, isNeeded]) => !isNeeded || price[key] !== undefined);
}

function overlayEntry(vendor: string, name: string): OverlayEntry | undefined {
	return Object.entries(overlay[vendor] ?? {}).find(([id]) => isOrDates(name, id))?.[1];
}

function ratesFor({ base, longPrompt }: OverlayEntry, usage: Usage): Rates {
	return longPrompt !== undefined && usage.inputTokens > longPrompt.aboveTokens ? longPrompt.rates : base;
}

/**
 * Whether the price data means exactly this model. It also matches by prefix or substring, which finds other versions
 * and fine-tunes, whose prices may differ.
 */
function isMeantBy({ id, match }: PriceCalculation['model'], name: string): boolean {
	return isOrDates(name, id.toLowerCase()) || isSpelledOut(match, name);
}

function isSpelledOut(match: MatchLogic, name: string): boolean {
	if ('or' in match) return match.or.some((either) => isSpelledOut(either, name));
	if ('equals' in match) return isOrDates(name, match.equals.toLowerCase());
	if ('starts_with' in match) return isOrDates(name, match.starts_with.toLowerCase());
	if ('regex' in match) return /^\^[^|]*\$$/.test(match.regex) && new RegExp(match.regex).test(name);
	return false;
}

/**
 * Whether the name is `known`, or `known` with the date of a snapshot or with `-001`, the first stable version of a
 * Gemini model.
 */
function isOrDates(name: string, known: string): boolean {
	if (!name.startsWith(known)) return false;
	const rest = name.slice(known.length);
	return /^(?:-20\d{6}|-20\d{2}-\d{2}-\d{2})?$/.test(rest) || (rest === '-001' && known.startsWith('gemini-'));
}

function plainName(model: string): string {
	return model
		.trim()
		.toLowerCase()
		.replace(/^models\//, '');
}

/**
 * Whether the pattern matches the whole host. Without this check, openrouter.ai.example would pass for openrouter.ai.
 */
function endsAtHost(pattern: string, address: string): boolean {
	return new RegExp(`^(?:${pattern})(?:(?<=[/.])|(?=[/:?#]|$))`).test(address);
}

/** Together AI has two base URLs, and the price data knows only the older one. */
function plainAddress(baseUrl: string): string {
	return baseUrl
		.trim()
		.toLowerCase()
		.replace(/^https:\/\/api\.together\.ai(?=\/|$)/, 'https://api.together.xyz');
}
