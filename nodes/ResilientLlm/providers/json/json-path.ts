/** What lies at the end of `path` in JSON that nobody vouches for, or undefined when the path leads nowhere. */
export function at(json: unknown, ...path: ReadonlyArray<string | number>): unknown {
	let here = json;
	for (const key of path) {
		if (typeof here !== 'object' || here === null || !Object.hasOwn(here, key)) return undefined;
		here = (here as Readonly<Record<string | number, unknown>>)[key];
	}
	return here;
}
