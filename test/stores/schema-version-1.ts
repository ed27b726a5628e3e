/**
 * The tables as an early version of this package made them, with one answered task in them. Never to be changed: such
 * stores exist.
 */
export function schemaVersion1({
	table,
	linkTable,
	keyCollation,
}: {
	readonly table: string;
	readonly linkTable: string;
	readonly keyCollation: string;
}): readonly string[] {
	const prefix = table.replace(/^.*\./, '');
	return [
		`CREATE TABLE ${table} (
			key TEXT ${keyCollation} PRIMARY KEY, state TEXT NOT NULL, fingerprint TEXT NOT NULL, owner TEXT, task_hash TEXT NOT NULL, workflow_id TEXT NOT NULL,
			started_at BIGINT NOT NULL, happened_at BIGINT NOT NULL, holds_until BIGINT NOT NULL, prune_at BIGINT NOT NULL, due_at BIGINT, token_hash TEXT,
			verdict TEXT, responded_at BIGINT, identity TEXT NOT NULL, summary TEXT, response TEXT, payload TEXT
		)`,
		`CREATE INDEX ${prefix}_by_state ON ${table} (state, happened_at, key, workflow_id, due_at, holds_until)`,
		`CREATE INDEX ${prefix}_by_prune ON ${table} (prune_at)`,
		`CREATE INDEX ${prefix}_by_token ON ${table} (token_hash) WHERE token_hash IS NOT NULL`,
		`CREATE INDEX ${prefix}_by_task ON ${table} (task_hash, happened_at, key) WHERE token_hash IS NOT NULL`,
		`CREATE TABLE ${linkTable} (token_hash TEXT PRIMARY KEY, review_token_hash TEXT NOT NULL, prune_at BIGINT NOT NULL)`,
		`CREATE INDEX ${prefix}_links_by_prune ON ${linkTable} (prune_at)`,
		`INSERT INTO ${table} (key, state, fingerprint, owner, task_hash, workflow_id, started_at, happened_at, holds_until, prune_at, identity, summary, payload)
			VALUES ('old', 'answered', 'one input', 'me', 'h', 'wf1', 1795000000000, 1795000000000, 9795000000000, 9795000000000,
				'{"taskId":"t","origin":{"workflowId":"wf1","workflowName":"W","nodeId":"n1","nodeName":"N","executionId":"1"}}',
				'{"tier":1,"reasonCode":null,"provider":"openAi","model":"gpt-6-luna","attempts":[],"costUsd":0.5,"latencyMs":10}', '{"output":"kept"}')`,
	];
}
