import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { describe, expect, it } from 'vitest';

import { reviewProperties } from '../../nodes/ResilientLlm/description/review';
import { ResilientChatModel } from '../../nodes/ResilientLlm/ResilientChatModel.node';
import { ResilientLlm } from '../../nodes/ResilientLlm/ResilientLlm.node';
import { ResilientLlmReviewTrigger } from '../../nodes/ResilientLlm/ResilientLlmReviewTrigger.node';

interface Workflow {
	readonly id: string;
	readonly nodes: ReadonlyArray<{
		readonly id: string;
		readonly name: string;
		readonly type: string;
		readonly parameters: Readonly<Record<string, unknown>>;
		readonly credentials?: unknown;
	}>;
	readonly connections: Readonly<
		Record<string, Readonly<Record<string, ReadonlyArray<ReadonlyArray<{ readonly node: string }>>>>>
	>;
	readonly active: boolean;
	readonly pinData: object;
}

const folder = resolve(import.meta.dirname, '../../examples');
const files = globSync('*.json', { cwd: folder });
const workflows = new Map(
	files.map((file) => [file, JSON.parse(readFileSync(join(folder, file), 'utf8')) as Workflow]),
);

const ours: Readonly<Record<string, ReadonlySet<string>>> = {
	'n8n-nodes-resilient-llm.resilientLlm': new Set(
		[...new ResilientLlm().description.properties, ...reviewProperties].map(({ name }) => name),
	),
	'n8n-nodes-resilient-llm.resilientChatModel': new Set(
		new ResilientChatModel().description.properties.map(({ name }) => name),
	),
	'n8n-nodes-resilient-llm.resilientLlmReviewTrigger': new Set(
		new ResilientLlmReviewTrigger().description.properties.map(({ name }) => name),
	),
};

it('each has an ID and a page of its own, so that all can be imported side by side', () => {
	const all = [...workflows.values()];
	expect(new Set(all.map(({ id }) => id)).size).toBe(files.length);
	const paths = all
		.flatMap(({ nodes }) => nodes)
		.filter(({ type }) => type.endsWith('ReviewTrigger'))
		.map(({ parameters }) => parameters.path);
	expect(paths.length).toBeGreaterThan(0);
	expect(new Set(paths).size).toBe(paths.length);
});

describe.each(files)('examples/%s', (file) => {
	const { id, nodes, connections, active, pinData } = workflows.get(file)!;
	const names = new Set(nodes.map(({ name }) => name));

	it('is whole', () => {
		// n8n keeps no static data of a workflow whose ID is longer, and a trigger would remind again after each restart.
		expect(id.length).toBeLessThanOrEqual(16);
		expect(names.size).toBe(nodes.length);
		expect(new Set(nodes.map((node) => node.id)).size).toBe(nodes.length);
		for (const [from, wires] of Object.entries(connections))
			for (const name of [from, ...Object.values(wires).flatMap((to) => to.flat().map(({ node }) => node))])
				expect(names).toContain(name);
	});

	it('explains itself, and brings nothing of anybody along', () => {
		expect(nodes.filter(({ type }) => type === 'n8n-nodes-base.stickyNote').length).toBeGreaterThanOrEqual(2);
		expect(nodes.filter(({ credentials }) => credentials !== undefined)).toEqual([]);
		expect(active).toBe(false);
		expect(pinData).toEqual({});
	});

	it('sets only parameters that there are', () => {
		for (const { name, type, parameters } of nodes)
			for (const parameter of Object.keys(parameters))
				if (ours[type] !== undefined)
					expect([name, [...ours[type]]]).toEqual([name, expect.arrayContaining([parameter])]);
	});

	it('brings Success and the human’s answer to the same node', () => {
		const llm = nodes.find(
			({ type, parameters }) =>
				type.endsWith('.agent') ||
				(type.endsWith('.resilientLlm') && (parameters.resource ?? 'completion') === 'completion'),
		);
		if (llm === undefined) return expect(file).toMatch(/^report-/);
		const human = connections['Answered?']?.main?.[0];
		if (human === undefined) return expect(['ticket-summary.json', 'agent-survives-outage.json']).toContain(file);
		expect(connections[llm.name]!.main![0]!.map(({ node }) => node)).toContain(human[0]!.node);
	});
});
