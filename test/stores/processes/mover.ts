import { createEmbeddedTaskStore } from '../../../nodes/ResilientLlm/stores/embedded/embedded';

/**
 * Opens the store at its new place as soon as it is told to, and answers with what it was told about it and how much it
 * holds.
 */
const [file, formerFile] = process.argv.slice(2).map((parameter) => JSON.parse(parameter) as string);
const notices: unknown[] = [];
const store = createEmbeddedTaskStore({
	file: String(file),
	formerFile: String(formerFile),
	tell: (notice) => notices.push(notice),
});

process.on('message', () => {
	void store
		.list({ states: [], limit: 1000 })
		.then(({ records }) => process.send?.({ notices, records: records.length }));
});
process.on('disconnect', () => process.exit());
process.send?.('ready');
