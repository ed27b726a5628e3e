import './require-node-24.mjs';

const { reportFailure } = await import('./server/report-failure.ts');
const { runPlayground } = await import('./start.ts');

await runPlayground().catch(reportFailure);
process.exit();
