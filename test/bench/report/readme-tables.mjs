// Prints the README's tables from a report: node test/bench/report/readme-tables.mjs results/<date>.json
import { readFileSync } from 'node:fs';

const { comparisonTable, measuredOn, n8nTable, targetsTable } = await import('./readme-tables.ts');
const report = JSON.parse(readFileSync(process.argv[2], 'utf8'));
process.stdout.write(`${[measuredOn(report), comparisonTable(report), n8nTable(report), targetsTable(report)].join('\n\n')}\n`);
