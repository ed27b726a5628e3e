import './require-node-24.mjs';

await import('./server/end-on-signal.ts');
const { reportFailure } = await import('./server/report-failure.ts');
const { survival } = await import('./agents/survival/program.ts');

await survival(process.argv.slice(2)).catch(reportFailure);
process.exit();
