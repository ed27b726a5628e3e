import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from '../install/checkout.ts';

/** The demo workflows, as anyone can import them. */
export const storiesFolder = join(checkout, 'examples', 'demo');

export interface Story {
	readonly id: string;
	readonly name: string;
	readonly file: string;
}

export function stories(): readonly Story[] {
	return readdirSync(storiesFolder)
		.filter((name) => name.endsWith('.json'))
		.sort()
		.map((name) => {
			const file = join(storiesFolder, name);
			const { id, name: title } = JSON.parse(readFileSync(file, 'utf8')) as { id: string; name: string };
			return { id, name: title, file };
		});
}
