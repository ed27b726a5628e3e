import { createMemoryTaskStore } from '../../nodes/ResilientLlm/stores/memory/memory';
import { taskStoreContract } from './contract';
import { deliveryContract } from './delivery-contract';
import { standingClock, type DrivenTime } from './driven-time';
import { ledgerContract } from './ledger-contract';

const world = async (time: DrivenTime) => {
	const store = createMemoryTaskStore({ clock: standingClock(time) });
	return { open: () => store, clockToleranceMs: 0 };
};

taskStoreContract('memory', world);

ledgerContract('memory', world);

deliveryContract('memory', world);
