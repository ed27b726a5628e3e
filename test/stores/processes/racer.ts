import { identityOf } from '../samples';
import { openStore, type StoreAddress } from './store-address';

/** Claims the key it is sent, many times at once, and answers how many of the claims won. */
const [address, claimsPerRound] = process.argv.slice(2).map((parameter) => JSON.parse(parameter) as unknown) as [
	StoreAddress,
	number,
];
const store = openStore(address);

process.on('message', (key: string) => {
	void Promise.all(
		Array.from(
			{ length: claimsPerRound },
			async (_, index) =>
				await store.claim({ identity: identityOf(key), owner: `${process.pid} ${index}`, leaseMs: 60_000 }),
		),
	).then((claims) => process.send?.(claims.filter(({ kind }) => kind === 'acquired').length));
});
process.on('disconnect', () => process.exit());

void store.get('warm up').then(() => process.send?.('ready'));
