// The bench runs TypeScript as it is and needs Node 24, which npm scripts get from this package's devDependency `node`.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import '../n8n/require-node-24.mjs';

// Before anything asks: the node keeps its embedded store below this folder.
process.env.N8N_USER_FOLDER = mkdtempSync(join(tmpdir(), 'n8n-nodes-resilient-llm-bench-'));
await import('../n8n/server/end-on-signal.ts');
const { removeOnExit } = await import('../n8n/install/remove-on-exit.ts');
removeOnExit(process.env.N8N_USER_FOLDER);
const { reportFailure } = await import('../n8n/server/report-failure.ts');
const { bench } = await import('./bench.ts');

await bench(process.argv.slice(2)).catch(reportFailure);
process.exit();
