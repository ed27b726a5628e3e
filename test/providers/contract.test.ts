import { describe } from 'vitest';

import { providerContract } from './contract';
import { vendors } from './vendors';

describe.each(vendors)('$name', (vendor) => {
	providerContract(vendor);
});
