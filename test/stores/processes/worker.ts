import { openStore, type StoreAddress } from './store-address';
import { workThrough, type Work } from './work-through';

/** Works until it is done or killed, and tells of each payment. */
const [address, work] = process.argv.slice(2).map((parameter) => JSON.parse(parameter) as unknown) as [
	StoreAddress,
	Work,
];
await workThrough(openStore(address), work, () => process.send?.('paid'));
process.exit();
