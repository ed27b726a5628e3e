/**
 * How long the ledger keeps its lines, in ms: 62 days. A report over 30 days compares them with the 30 days before, and
 * two days are left for a report that runs late. A line is small (34 to 46 bytes in SQLite, 76 in PostgreSQL; see the
 * measurements in `test/stores/ledger-size.ts`), and holds no content.
 */
export const ledgerRetentionMs = 62 * 24 * 60 * 60 * 1000;

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;
