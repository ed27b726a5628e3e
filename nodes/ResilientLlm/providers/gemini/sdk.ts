import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { compileFunction } from 'node:vm';

type GeminiSdk = typeof import('@google/generative-ai');
type Fetch = typeof globalThis.fetch;
type SdkScript = (exports: Partial<GeminiSdk>, fetch: Fetch) => void;

let script: SdkScript | undefined;

/**
 * Loads the SDK so that it uses the given `fetch`. The SDK has no option for this and calls the global `fetch`, which
 * would send the key along to redirect targets and would lose the headers of error replies. The SDK is a single script
 * without imports: it is compiled once per process with `fetch` as a parameter, and run once per call (0.03 ms). So no
 * global is changed, and calls cannot use each other's `fetch`.
 */
export function loadGeminiSdk(fetch: Fetch): GeminiSdk {
	script ??= compileSdk();
	const sdk: Partial<GeminiSdk> = {};
	script(sdk, fetch);
	return sdk as GeminiSdk;
}

function compileSdk(): SdkScript {
	const file = createRequire(__filename).resolve('@google/generative-ai');
	const compiled = compileFunction(readFileSync(file, 'utf8'), ['exports', 'fetch'], { filename: file }) as SdkScript;
	const probe: Partial<GeminiSdk> = {};
	compiled(probe, globalThis.fetch);
	if (typeof probe.GoogleGenerativeAI !== 'function') {
		throw new Error('@google/generative-ai is not the single script that version 0.24 was');
	}
	return compiled;
}
