/**
 * How long a record's numbers outlive its content, in ms: 30 days, so that a report can look back a month. Twice what
 * n8n keeps of its own executions (14 days).
 */
export const defaultRecordRetentionMs = 30 * 24 * 60 * 60 * 1000;
