import type { Environment, N8nInstance } from '../server/n8n-instance.ts';
import { storyRows, type StoryRow } from './story-row.ts';

/** Runs one imported workflow without a browser, as n8n's own command line does it. */
export async function runStory(
	n8n: N8nInstance,
	workflowId: string,
	environment: Environment = {},
): Promise<StoryRow[]> {
	return storyRows(await n8n.command(['execute', `--id=${workflowId}`, '--rawOutput'], environment));
}
