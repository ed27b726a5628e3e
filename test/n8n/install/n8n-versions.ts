/** One n8n that the tests run, with the Node that its Docker image carries. */
export interface N8nVersion {
	readonly n8n: string;
	readonly node: string;
}

/** npm scripts run on the Node 24 of this checkout, and so do the tests. */
const checkoutNode = process.versions.node;

/** What `npm start` and all tests run that are not about versions. */
export const newestN8n: N8nVersion = { n8n: '2.41.1', node: checkoutNode };

/**
 * What `npm run test:versions` runs, the oldest first; the README names them. The images of n8n 1 carry Node 22, those
 * of n8n 2 Node 24 since 2.10.
 */
export const n8nVersions: readonly N8nVersion[] = [
	{ n8n: '1.123.81', node: '22.23.3' },
	{ n8n: '2.20.0', node: checkoutNode },
	{ n8n: '2.30.8', node: checkoutNode },
	newestN8n,
];
