import { createHash } from 'node:crypto';

import { singlePromptOf, type Attachment, type Conversation, type Message } from '../engine/conversation';
import type { TaskIdentity, TaskOrigin } from '../engine/store/task-record';

/** JSON with sorted keys: the same text for equal values. */
export function canonicalJson(value: unknown): string {
	return JSON.stringify(sorted(value));
}

function sorted(value: unknown): unknown {
	if (typeof value !== 'object' || value === null) return value;
	if (Array.isArray(value)) return value.map(sorted);
	const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
	return Object.fromEntries(entries.map(([key, part]) => [key, sorted(part)]));
}

export interface TaskNaming {
	readonly content: Conversation;
	/** The user's own ID; empty: the ID is derived from the input. */
	readonly ownId: string;
	readonly origin: TaskOrigin;
	/** Index of the item, when each execution of it is a task of its own; undefined for a task that runs only once. */
	readonly itemIndex?: number;
}

/** Computes a task's ID for the user, its key in the store and the fingerprint of its input. */
export function identify({ content, ownId, origin, itemIndex }: TaskNaming): TaskIdentity {
	const { workflowId, nodeId, executionId } = origin;
	const fingerprint = fingerprintOf(content);
	const run = itemIndex === undefined ? {} : { executionId, itemIndex };
	const taskId = ownId === '' ? hashOf({ workflowId, nodeId, fingerprint, ...run }) : ownId;
	return { key: hashOf({ workflowId, nodeId, taskId, ...run }), taskId, fingerprint, origin };
}

/** A single prompt is hashed in the form used before conversations existed, because stores hold such hashes. */
function fingerprintOf(content: Conversation): string {
	const single = singlePromptOf(content);
	if (single === undefined) return hashOf({ ...content, messages: content.messages.map(withHashedFiles) });
	const { prompt, systemMessage, output, attachments } = single;
	return hashOf({ prompt, systemMessage, output, attachments: attachments.map(hashOfFile) });
}

function withHashedFiles(message: Message): object {
	if (message.role !== 'user' && message.role !== 'tool') return message;
	return { ...message, parts: message.parts.map((part) => (part.kind === 'text' ? part : hashOfFile(part))) };
}

function hashOfFile({ base64 }: Attachment): string {
	return sha256(base64);
}

function hashOf(value: unknown): string {
	return sha256(canonicalJson(value));
}

function sha256(content: string): string {
	return createHash('sha256').update(content).digest('hex');
}
