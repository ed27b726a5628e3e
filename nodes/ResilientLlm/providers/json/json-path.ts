/** The value at `path` in untrusted JSON, or undefined if the path does not exist. */
export function at(json: unknown, ...path: ReadonlyArray<string | number>): unknown {
	let here = json;
	for (const key of path) {
		if (typeof here !== 'object' || here === null || !Object.hasOwn(here, key)) return undefined;
		here = (here as Readonly<Record<string | number, unknown>>)[key];
	}
	return here;
}
