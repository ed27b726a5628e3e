import type { Locator, Page } from 'playwright-core';

/** The window that opens on a node: parameters in the middle, output on the right. */
export class NodePanel {
	readonly page: Page;

	private constructor(page: Page) {
		this.page = page;
	}

	static async opened(page: Page): Promise<NodePanel> {
		await page.getByTestId('node-parameters').waitFor();
		return new NodePanel(page);
	}

	async close(): Promise<void> {
		await this.page.getByTestId('ndv-close-button').click();
	}

	async fill(parameter: string, text: string): Promise<void> {
		await this.page.getByTestId(`parameter-input-${parameter}`).locator('textarea').fill(text);
	}

	/** Opens the window of a new credential and fills it in. */
	async newCredential(label: string, fields: Readonly<Record<string, string>>): Promise<void> {
		await this.page.getByRole('button', { name: `Connect to ${label}`, exact: true }).click();
		await this.fillCredential(fields);
	}

	async fillCredential(fields: Readonly<Record<string, string>>): Promise<void> {
		for (const [name, value] of Object.entries(fields)) {
			await this.credentialWindow().getByTestId(`parameter-input-${name}`).locator('input').fill(value);
		}
	}

	/** n8n tests what it saves. Gives what its window says when the test fails. */
	async saveRefusedCredential(): Promise<string> {
		await this.page.getByTestId('credential-save-button').click();
		return await this.credentialWindow()
			.getByText(/Couldn.t connect/)
			.innerText();
	}

	/** The window closes by itself when the test passes. */
	async saveCredential(): Promise<void> {
		const closed = () => this.credentialWindow().waitFor({ state: 'hidden', timeout: 10_000 });
		const save = () => this.page.getByTestId('credential-save-button').click();
		await save();
		// n8n drops the click when it is still busy with the credential before; a user clicks again, too.
		await closed().catch(async () => {
			await save();
			await closed();
		});
	}

	/** What the window of the first saved credential says about its test. */
	async savedCredentialTest(): Promise<string> {
		await this.page.getByTestId('credential-edit-button').first().click();
		const result = await this.page.getByTestId('credentials-config-container-test-success').innerText();
		await this.credentialWindow().getByRole('button', { name: /close/i }).click();
		await this.credentialWindow().waitFor({ state: 'hidden' });
		return result;
	}

	/** The models in the provider order, from top to bottom, as they are shown. */
	async models(): Promise<string[]> {
		return await this.lastInputs('resource-locator-model');
	}

	async providers(): Promise<string[]> {
		return await this.lastInputs('parameter-input-provider');
	}

	/** Opens the model list of one entry, searches it, and gives what it offers. */
	async searchModels(entry: number, words: string): Promise<string[]> {
		await this.page.getByTestId('resource-locator-model').nth(entry).getByTestId('rlc-input').click();
		await this.page.getByTestId('rlc-item').first().waitFor();
		const search = this.page.getByTestId('rlc-search');
		await search.locator('input').or(search).last().fill(words);
		await this.page
			.getByTestId('rlc-item')
			.filter({ hasText: new RegExp(words, 'i') })
			.first()
			.waitFor();
		return await this.page.getByTestId('rlc-item').allInnerTexts();
	}

	async pickModel(name: string): Promise<void> {
		await this.page.getByTestId('rlc-item').filter({ hasText: name }).first().click();
	}

	/** Drags one entry of the provider order to the place of another, with the mouse. */
	async dragEntry(from: number, to: number): Promise<void> {
		const handles = this.page.getByTestId('fixed-collection-providerOrder').getByTitle('Drag item');
		await this.page.getByTestId('resource-locator-model').nth(from).hover();
		const start = await centre(handles.nth(from));
		const end = await centre(handles.nth(to));
		await this.page.mouse.move(start.x, start.y);
		await this.page.mouse.down();
		await this.page.mouse.move(start.x, start.y - 20, { steps: 5 });
		await this.page.mouse.move(end.x, end.y - 10, { steps: 20 });
		await this.page.mouse.up();
	}

	async execute(): Promise<void> {
		await this.page.getByTestId('node-execute-button').click();
	}

	/** The first item on an output as n8n's table shows it; undefined while there is none. */
	async firstItem(output: 'Success' | 'Escalate'): Promise<Record<string, string> | undefined> {
		const panel = this.page.getByTestId('output-panel');
		const tab = panel.getByText(new RegExp(`${output} Branch\\s*\\(\\d+ items?\\)`)).last();
		if ((await tab.count()) === 0) return undefined;
		await tab.click();
		await this.show('Table');
		const names = await panel.locator('thead th').allInnerTexts();
		const values = await panel.locator('tbody tr').first().locator('td').allInnerTexts();
		return Object.fromEntries(names.map((name, index) => [name.trim(), values[index]?.trim() ?? '']));
	}

	/** Switches the output to one of n8n's views. */
	async show(view: 'Schema' | 'Table' | 'JSON'): Promise<void> {
		await this.page.getByTestId('output-panel').getByRole('radio', { name: view }).click();
	}

	/** What stands in each parameter of this kind; a resource locator's mode comes before its value. */
	private async lastInputs(testId: string): Promise<string[]> {
		return await this.page
			.getByTestId(testId)
			.evaluateAll((elements) => elements.map((element) => [...element.querySelectorAll('input')].at(-1)?.value ?? ''));
	}

	private credentialWindow(): Locator {
		return this.page.getByTestId('editCredential-modal');
	}
}

async function centre(locator: Locator): Promise<{ x: number; y: number }> {
	const box = await locator.boundingBox();
	if (!box) throw new Error('Not on the page');
	return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}
