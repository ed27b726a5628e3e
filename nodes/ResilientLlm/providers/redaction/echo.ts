/** A piece of a line. `isEcho` is true if it also occurs in the other text. */
export interface Piece {
	readonly text: string;
	readonly isEcho: boolean;
}

/**
 * Splits a line into pieces that also occur in another text and pieces that do not. Only runs of at least `shortest`
 * characters count. The other text is read once, whatever its length, by comparing rolling hashes of `shortest`
 * characters.
 */
export function echoedIn(line: string, other: string, shortest: number): readonly Piece[] {
	const isShared = sharedLetters(line, other, shortest);
	const pieces: Piece[] = [];
	for (let from = 0, to = 0; from < line.length; from = to) {
		while (to < line.length && isShared[to] === isShared[from]) to += 1;
		pieces.push({ text: line.slice(from, to), isEcho: isShared[from] === true });
	}
	return pieces;
}

function sharedLetters(line: string, other: string, width: number): readonly boolean[] {
	const isShared = new Array<boolean>(line.length).fill(false);
	const sought = new Map<number, Set<string>>();
	forEachWindow(line, width, (hash, at) => {
		sought.set(hash, (sought.get(hash) ?? new Set()).add(line.slice(at, at + width)));
	});
	const found = new Set<string>();
	forEachWindow(other, width, (hash, at) => {
		const candidates = sought.get(hash);
		if (candidates === undefined) return;
		const window = other.slice(at, at + width);
		if (!candidates.delete(window)) return;
		found.add(window);
		if (candidates.size === 0) sought.delete(hash);
	});
	forEachWindow(line, width, (_, at) => {
		if (found.has(line.slice(at, at + width))) isShared.fill(true, at, at + width);
	});
	return isShared;
}

const base = 65_599;

/** Calls `tell` for each run of `width` characters with its rolling hash (Rabin-Karp). */
function forEachWindow(text: string, width: number, tell: (hash: number, at: number) => void): void {
	let leading = 1;
	for (let count = 1; count < width; count += 1) leading = Math.imul(leading, base);
	let hash = 0;
	for (let at = 0; at < text.length; at += 1) {
		if (at >= width) hash = (hash - Math.imul(text.charCodeAt(at - width), leading)) | 0;
		hash = (Math.imul(hash, base) + text.charCodeAt(at)) | 0;
		if (at >= width - 1) tell(hash, at - width + 1);
	}
}
