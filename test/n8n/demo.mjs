import './require-node-24.mjs';

await import('./server/end-on-signal.ts');
const { reportFailure } = await import('./server/report-failure.ts');
const { table } = await import('./demo/table.ts');
const { runDemo } = await import('./demo.ts');

await runDemo((name, rows) => process.stdout.write(`\n${name}\n${table(rows)}\n`)).catch(reportFailure);
