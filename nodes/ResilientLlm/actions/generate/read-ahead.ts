/**
 * Reads something for each item while those before it are under way: `distance` items ahead, in their order. An item
 * gets what was read for it, or why it could not be read, when its turn comes.
 */
export function readAhead<Item, Result>(
	items: readonly Item[],
	distance: number,
	read: (item: Item) => Promise<Result>,
): (item: Item) => Promise<Result> {
	const places = new Map(items.map((item, place) => [item, place]));
	const reading = new Map<Item, Promise<Result>>();

	return async (item) => {
		const own = reading.get(item) ?? read(item);
		reading.delete(item);
		begin(items[(places.get(item) ?? items.length) + distance]);
		return await own;
	};

	function begin(item: Item | undefined): void {
		if (item === undefined || reading.has(item)) return;
		const result = read(item);
		// Whoever asks for it hears of the failure; until then nobody does.
		result.catch(() => undefined);
		reading.set(item, result);
	}
}
