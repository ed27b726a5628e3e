import type { Page } from 'playwright-core';
import { owner } from '../server/owner.ts';
import { NodePanel } from './node-panel.ts';

/** n8n's editor, as far as a user of this package touches it. */
export class Editor {
	readonly page: Page;
	private readonly url: string;

	constructor(page: Page, url: string) {
		this.page = page;
		this.url = url;
	}

	async logIn(): Promise<void> {
		await this.page.goto(`${this.url}/signin`);
		await this.page.getByRole('textbox', { name: /email/i }).fill(owner.email);
		await this.page.locator('input[type=password]').fill(owner.password);
		await this.page.getByRole('button', { name: /sign in/i }).click();
		await this.page.waitForURL(/\/home/);
	}

	/** An empty workflow with the trigger that n8n's own button starts. */
	async newWorkflow(): Promise<void> {
		await this.page.goto(`${this.url}/workflow/new`);
		await this.page.getByTestId('canvas-plus-button').click();
		await this.page.getByTestId('node-creator-search-bar').fill('Manual Trigger');
		await this.page.getByTestId('node-creator-item-name').filter({ hasText: 'Manual Trigger' }).first().click();
		await this.page.getByTestId('canvas-trigger-node').waitFor();
	}

	async openWorkflow(id: string): Promise<void> {
		await this.page.goto(`${this.url}/workflow/${id}`);
		await this.page.getByTestId('canvas-node').first().waitFor();
	}

	/** Types into the node panel's search and gives the names it offers. */
	async searchNodes(words: string): Promise<string[]> {
		await this.page.getByTestId('node-creator-plus-button').click();
		await this.page.getByTestId('node-creator-search-bar').fill(words);
		const names = this.page.getByTestId('node-creator-item-name');
		await names.filter({ hasText: words }).first().waitFor();
		return await names.allInnerTexts();
	}

	/** Takes a node from the search just made, to do this; n8n opens it. */
	async addNode(name: string, action: string): Promise<NodePanel> {
		const names = this.page.getByTestId('node-creator-item-name');
		await names.filter({ hasText: name }).first().click();
		await names.filter({ hasText: action }).first().click();
		return await NodePanel.opened(this.page);
	}

	/** Opens a workflow without nodes. */
	async emptyWorkflow(): Promise<void> {
		await this.page.goto(`${this.url}/workflow/new`);
		await this.page.getByTestId('canvas-plus-button').waitFor();
	}

	/** Opens the node panel, where n8n has its plus now, and types words into its search. */
	async searchNodePanel(words: string): Promise<void> {
		const plus = this.page.getByTestId('canvas-plus-button').or(this.page.getByTestId('node-creator-plus-button'));
		await plus.first().click();
		await this.page.getByTestId('node-creator-search-bar').fill(words);
	}

	/** The names that the node panel offers now. */
	async offeredNodes(): Promise<string[]> {
		return await this.page.getByTestId('node-creator-item-name').allInnerTexts();
	}

	/** Takes a node of a community package from what the node panel offers; n8n shows what it is and asks once more. */
	async addFoundNode(name: string, confirm: string): Promise<void> {
		await this.page.getByTestId('node-creator-item-name').getByText(name, { exact: true }).click();
		const details = this.page.getByTestId('node-creator');
		await details.getByText('Node details').waitFor();
		await details.getByText(confirm, { exact: true }).click();
		await (await NodePanel.opened(this.page)).close();
	}

	/** How many nodes of a type are on the canvas. */
	async countNodes(type: string): Promise<number> {
		return await this.page.locator(`[data-test-id=canvas-node][data-node-type="${type}"]`).count();
	}

	async executeWorkflow(): Promise<void> {
		await this.page.getByTestId('execute-workflow-button').click();
	}

	/** How many nodes wear the green mark of the last run. */
	async nodesThatSucceeded(): Promise<number> {
		return await this.page.getByTestId('canvas-node-status-success').count();
	}

	/** Everything on the canvas in view. */
	async zoomToFit(): Promise<void> {
		await this.page.getByTestId('zoom-to-fit').click();
		await this.page.waitForTimeout(500);
	}

	/** Takes a model behind the plus of a node's first model input; n8n opens it. */
	async addChatModel(consumer: string, model: string): Promise<void> {
		const node = this.page.getByTestId('canvas-node').filter({ hasText: consumer });
		await node.getByTestId('canvas-handle-plus').first().click();
		await this.page.getByTestId('node-creator-search-bar').fill(model);
		await this.page.getByTestId('node-creator-item-name').getByText(model, { exact: true }).first().click();
		await this.page.getByTestId('node-creator').getByText('Add to workflow', { exact: true }).click();
	}

	/** Draws the wire from a model to the model input of a node: n8n draws none itself for nodes of other packages. */
	async connectModel(): Promise<void> {
		const handle = async (side: 'inputs' | 'outputs') => {
			const box = await this.page
				.locator(`.vue-flow__handle[data-handleid="${side}/ai_languageModel/0"]`)
				.boundingBox();
			if (box === null) throw new Error(`There is no handle among the ${side}`);
			return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
		};
		const [from, to] = [await handle('outputs'), await handle('inputs')];
		await this.page.mouse.move(from.x, from.y);
		await this.page.mouse.down();
		await this.page.mouse.move((from.x + to.x) / 2, (from.y + to.y) / 2, { steps: 5 });
		await this.page.mouse.move(to.x, to.y, { steps: 5 });
		await this.page.mouse.up();
	}

	/** Opens the log of the last run. */
	async openLog(): Promise<void> {
		const overview = this.page.getByTestId('logs-overview-body');
		if (!(await overview.isVisible())) await this.page.getByTestId('logs-overview-header').click();
	}

	/** Chooses a node in the log; n8n closes its details when it was chosen before. */
	async clickInLog(node: string): Promise<void> {
		const overview = this.page.getByTestId('logs-overview-body');
		await overview.getByRole('treeitem').filter({ hasText: node }).last().click();
		await this.page.waitForTimeout(1000);
	}

	/** All that the log shows now. */
	async logText(): Promise<string> {
		return await this.page.getByTestId('logs-panel').innerText();
	}
}
