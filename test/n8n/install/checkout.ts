import { join } from 'node:path';

/** The root of this checkout. */
export const checkout = join(import.meta.dirname, '..', '..', '..');

/** The checkout's programs, the `node` that n8n needs among them. */
export const checkoutPrograms = join(checkout, 'node_modules', '.bin');
