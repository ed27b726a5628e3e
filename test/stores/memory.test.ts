import { createMemoryTaskStore } from '../../nodes/ResilientLlm/stores/memory';
import { taskStoreContract } from './contract';
import { standingClock } from './driven-time';

taskStoreContract('memory', async (time) => {
	const store = createMemoryTaskStore({ clock: standingClock(time) });
	return { open: () => store, clockToleranceMs: 0 };
});
