import { keepResult } from '../../../nodes/ResilientLlm/engine/once/keep-result';
import { createOwedWrites } from '../../../nodes/ResilientLlm/engine/store/owed-writes';
import { systemClock } from '../../../nodes/ResilientLlm/host/clock';
import { answered, world } from '../../engine/once/once-world';
import { openStore, type StoreAddress } from './store-address';

/** Claims a task, says so, and stores its answer when it is told to. */
const [address, leaseMs] = process.argv.slice(2).map((parameter) => JSON.parse(parameter) as unknown) as [
	StoreAddress,
	number,
];
const store = openStore(address);
const task = world().task(answered('paid for'));
const claim = await store.claim({ identity: task.identity, owner: 'the stopped one', leaseMs });
if (claim.kind !== 'acquired') throw new Error(claim.kind);

process.on('message', () => {
	const ports = { store, owed: createOwedWrites(systemClock), clock: systemClock, newOwner: () => 'nobody' };
	void keepResult(answered('paid for'), { ...task, deadline: systemClock.now() }, claim.lease, ports).then((kept) => {
		process.send?.(kept, () => process.exit());
	});
});
process.send?.('claimed');
