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
	/** For input read from the vendor's cache. */
	readonly cachedInput: number;
	/** For input written into the vendor's cache. Absent: what other input costs. */
	readonly cacheWrite?: number;
	/** For input written into it to stay for an hour. Absent: what any cache write costs. */
	readonly hourLongCacheWrite?: number;
	readonly output: number;
}

interface OverlayEntry {
	readonly contextWindow: number;
	readonly base: Rates;
	/** What holds for the whole call once its prompt is longer. */
	readonly longPrompt?: { readonly aboveTokens: number; readonly rates: Rates };
}

/** Models that the price data does not know yet, or gives another model's price, by its vendor ids. */
const overlay: Readonly<Record<string, Readonly<Record<string, OverlayEntry>>>> = overlayData.models;

/** Whose model it is. The base URL tells which vendor stands behind it. */
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

/** Prices as published, from data inside the package: nothing is fetched. */
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

	/** The vendor's id in the price data. */
	function vendorAt(provider: ProviderId, baseUrl: string): string | undefined {
		const address = plainAddress(baseUrl);
		const vendor = findProvider({ providerApiUrl: address });
		return vendor !== undefined && endsAtHost(vendor.api_pattern, address) ? vendor.id : vendors[provider].priceName;
	}

	/** The vendor with this model alone: looking for it among all others takes longer than the rest of the work. */
	function listingOf(vendor: string, name: string): Provider | undefined {
		const found = calcPrice({}, name, { providerId: vendor });
		return found !== null && isMeantBy(found.model, name) ? { ...found.provider, models: [found.model] } : undefined;
	}

	/** Calculated anew each time: some prices depend on the hour. */
	function publishedPrice(listing: Provider | undefined, name: string, usage: Usage): PriceCalculation | undefined {
		if (listing === undefined) return undefined;
		try {
			return calcPrice(tokensOf(usage), name, { provider: listing }) ?? undefined;
		} catch {
			// It throws at usage that makes no sense, such as more cached tokens than tokens.
			return undefined;
		}
	}
});

interface Listed {
	readonly vendor: string;
	readonly name: string;
}

/** Answers remembered at most: a model name that comes from item data must not fill the memory. */
const maxRemembered = 1000;

/** USD for this usage at these rates; null when the usage makes no sense. */
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
 * Whether the price names all that was used: the price data counts what it has no price for as something else, or as
 * free.
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
 * Whether the price data has this very model in mind. It also matches by how a name begins or what it contains, which
 * finds other versions and fine-tunes, and another model's price is no price.
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
 * Whether the name is this one, or this one with the date of a snapshot or the number of Gemini's first stable version.
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

/** The price data would take openrouter.ai.example for openrouter.ai. */
function endsAtHost(pattern: string, address: string): boolean {
	return new RegExp(`^(?:${pattern})(?:(?<=[/.])|(?=[/:?#]|$))`).test(address);
}

/** Together AI answers at two addresses, and the price data knows the older one. */
function plainAddress(baseUrl: string): string {
	return baseUrl
		.trim()
		.toLowerCase()
		.replace(/^https:\/\/api\.together\.ai(?=\/|$)/, 'https://api.together.xyz');
}
