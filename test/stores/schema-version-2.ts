import { schemaVersion1 } from './schema-version-1';

export interface OldSchema {
	readonly table: string;
	readonly linkTable: string;
	readonly ledgerTable: string;
	readonly facetTable: string;
	readonly keyCollation: string;
	readonly ledgerShape: 'counted' | 'appended';
}

/** The tables as version 0.1.0 of this package left them, with a decided review besides. Never to be changed: such stores exist. */
export function schemaVersion2(schema: OldSchema): readonly string[] {
	const { table, ledgerTable, facetTable, ledgerShape } = schema;
	const prefix = table.replace(/^.*\./, '');
	const ledgerColumns = `facet BIGINT NOT NULL, cost BIGINT NOT NULL, extra_cost BIGINT NOT NULL, hour INTEGER NOT NULL, minute INTEGER NOT NULL,
		latency_bucket SMALLINT NOT NULL, lines SMALLINT NOT NULL, priced_lines SMALLINT NOT NULL, compared_lines SMALLINT NOT NULL`;
	const ledger = {
		counted: [`CREATE TABLE ${ledgerTable} (${ledgerColumns}, PRIMARY KEY (hour, facet, latency_bucket, minute)) WITHOUT ROWID`],
		appended: [
			`CREATE TABLE ${ledgerTable} (${ledgerColumns})`,
			`CREATE INDEX ${prefix}_ledger_by_minute ON ${ledgerTable} (hour, minute)`,
		],
	};
	const columns = `key, state, fingerprint, owner, task_hash, workflow_id, started_at, happened_at, holds_until, prune_at,
		token_hash, verdict, responded_at, identity, summary, response, payload`;
	return [
		...schemaVersion1(schema),
		`CREATE TABLE ${facetTable} (day INTEGER NOT NULL, facet BIGINT NOT NULL, facets TEXT NOT NULL, PRIMARY KEY (day, facet))`,
		...ledger[ledgerShape],
		`INSERT INTO ${table} (${columns}) VALUES (
			'decided', 'resolved', 'one input', 'me', 'h', 'wf1', 1795000000000, 1795000000000, 9795000000000, 9795000000000,
			'of the old review', 'approve', 1795000000000,
			'{"taskId":"t","origin":{"workflowId":"wf1","workflowName":"W","nodeId":"n1","nodeName":"N","executionId":"1"}}',
			'{"tier":3,"reasonCode":"all_models_failed","provider":null,"model":null,"attempts":[],"costUsd":0.5,"latencyMs":10}',
			'{"output":"kept","reviewer":"Ada","comment":""}', '{"prompt":"Hi"}')`,
	];
}
