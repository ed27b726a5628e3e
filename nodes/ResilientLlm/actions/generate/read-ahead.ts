/**
 * Starts reading the data of up to `distance` items ahead, in their order, while earlier items are still running. The
 * returned function gives an item's data, or throws the error of reading it.
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
		// The error is thrown when the item's data is asked for. This handler only keeps Node.js from reporting it as
		// unhandled before that.
		result.catch(() => undefined);
		reading.set(item, result);
	}
}
