/**
 * How long a record without its content is kept after the content was deleted, in ms: 30 days, so that a report can
 * look back a month. That is about twice as long as n8n keeps its own executions (14 days).
 */
export const defaultRecordRetentionMs = 30 * 24 * 60 * 60 * 1000;
