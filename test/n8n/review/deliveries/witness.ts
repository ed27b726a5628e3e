import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export type Stage = 'begin' | 'end';

/** What an execution said on its way. */
export interface Testimony {
	readonly stage: Stage;
	readonly taskId: string;
	readonly decisionId: string;
	readonly executionId: string;
	/** Epoch ms. */
	readonly at: number;
}

/** A server on loopback that executions call at their beginning and at their end. */
export class Witness {
	readonly heard: Testimony[] = [];
	private readonly server: Server;

	private constructor() {
		this.server = createServer((request, response) => {
			void text(request).then((body) => {
				this.heard.push({ ...(JSON.parse(body) as Omit<Testimony, 'at'>), at: Date.now() });
				response.end('{}');
			});
		});
	}

	static async start(): Promise<Witness> {
		const witness = new Witness();
		await new Promise<void>((resolve) => void witness.server.listen(0, '127.0.0.1', resolve));
		return witness;
	}

	get url(): string {
		return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
	}

	/** The executions that came to a stage with a task's decision. */
	executionsOf(taskId: string, stage: Stage): readonly string[] {
		return [
			...new Set(
				this.heard.filter((one) => one.taskId === taskId && one.stage === stage).map(({ executionId }) => executionId),
			),
		];
	}

	async stop(): Promise<void> {
		this.server.closeAllConnections();
		await new Promise((resolve) => this.server.close(resolve));
	}
}
