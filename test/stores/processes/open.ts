import { openStore, type StoreAddress } from './store-address';

/** Writes why the store cannot be used, or that it can. */
const [address] = process.argv.slice(2).map((parameter) => JSON.parse(parameter) as unknown) as [StoreAddress];
const reason = await openStore(address)
	.get('a')
	.then(
		() => 'it works',
		(error: unknown) => (error instanceof Error ? error.message : String(error)),
	);
process.stdout.write(reason);
