import { textOf, type JsonObject } from '../json';
import { refused, type Findings } from '../violation';
import { openAiTraits } from './models';

/** Effort, temperature and tier: alike in both APIs, under other names. */
export function* samplingRules(body: JsonObject, effort: unknown, effortName: string): Findings {
	const model = textOf(body['model']);
	const { reasons, efforts } = openAiTraits(model);
	if (effort !== undefined && effort !== null && !reasons) {
		const message = `Unsupported parameter: '${effortName}' is not supported with this model.`;
		yield refused('effort-unsupported', effortName, message, { code: 'unsupported_parameter' });
	} else if (effort !== undefined && effort !== null && !efforts.includes(textOf(effort))) {
		const supported = efforts
			.map((name) => `'${name}'`)
			.join(', ')
			.replace(/, ([^,]*)$/, ', and $1');
		const message =
			`Unsupported value: '${effortName}' does not support '${textOf(effort)}' with this model. ` +
			`Supported values are: ${supported}.`;
		yield refused('effort-value', effortName, message, { code: 'unsupported_value' });
	}
	for (const name of ['temperature', 'top_p']) {
		const value = body[name];
		if (value === undefined || value === null || value === 1 || !reasons) continue;
		if (effort === 'none' && efforts.includes('none')) continue;
		const message =
			`Unsupported value: '${name}' does not support ${JSON.stringify(value)} with this model. ` +
			'Only the default (1) value is supported.';
		yield refused('temperature', name, message, { code: 'unsupported_value' });
	}
	const tiers = ['auto', 'default', 'flex', 'scale', 'priority', 'fast'];
	if (body['service_tier'] !== undefined && !tiers.includes(textOf(body['service_tier']))) {
		const message = `Invalid value: '${textOf(body['service_tier'])}'. Supported values are: ${tiers.join(', ')}.`;
		yield refused('service-tier', 'service_tier', message, { code: 'invalid_value' });
	}
}

/**
 * The doc comments of openai 7.55.0: options and breakpoints since gpt-5.6, at most four of which are written (three
 * beside the implicit one), and a lifetime of 30 minutes, or 12 hours where the API knows it.
 */
export function* cacheRules(body: JsonObject, lifetimes: readonly string[]): Findings {
	const options = body['prompt_cache_options'];
	const marks = [...JSON.stringify(body).matchAll(/"prompt_cache_breakpoint":/g)].length;
	if (options === undefined && marks === 0) return;
	const model = textOf(body['model']);
	if (!openAiTraits(model).cacheBreakpoints) {
		const message = `Unsupported parameter: 'prompt_cache_options' is not supported with this model.`;
		yield refused('cache-unsupported', 'prompt_cache_options', message, { code: 'unsupported_parameter' });
	}
	const { ttl, mode } = (options ?? {}) as JsonObject;
	for (const lifetime of [ttl, ...ttlsOfMarks(body)]) {
		if (lifetime === undefined || lifetimes.includes(textOf(lifetime))) continue;
		const supported = lifetimes.map((name) => `'${name}'`).join(' and ');
		const message = `Invalid value: '${textOf(lifetime)}'. Supported values are: ${supported}.`;
		yield refused('cache-ttl', 'prompt_cache_options.ttl', message, { code: 'invalid_value' });
	}
	const most = mode === 'explicit' ? 4 : 3;
	if (marks > most) yield { ...tooMany(marks, most), severity: 'warning' };
}

function tooMany(marks: number, most: number) {
	const message = `${marks} breakpoints; only the latest ${most} are written.`;
	return refused('cache-marks', 'prompt_cache_breakpoint', message);
}

function ttlsOfMarks(value: unknown): readonly unknown[] {
	if (Array.isArray(value)) return value.flatMap(ttlsOfMarks);
	if (typeof value !== 'object' || value === null) return [];
	return Object.entries(value).flatMap(([key, inner]) =>
		key === 'prompt_cache_breakpoint' ? [(inner as JsonObject)['ttl']] : ttlsOfMarks(inner),
	);
}
