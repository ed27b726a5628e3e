import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { bodyOf, sendJson } from './json-over-http.ts';

export interface JiraIssue {
	readonly fields: {
		readonly summary: string;
		readonly description: string;
		readonly project: { readonly id: string };
		readonly issuetype: { readonly id: string };
	};
}

/** As much of Jira's REST API as the Jira node needs to open an issue. */
export class JiraServer {
	readonly issues: JiraIssue[] = [];
	private readonly server: Server;

	private constructor(server: Server) {
		this.server = server;
		server.on('request', (request, response) => void this.serve(request, response));
	}

	static async start(): Promise<JiraServer> {
		const server = createServer();
		await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
		return new JiraServer(server);
	}

	/** For n8n's Jira credential. */
	get account(): Readonly<Record<string, unknown>> {
		return {
			email: 'jira@example.com',
			apiToken: 'jira-token',
			domain: `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`,
		};
	}

	async stop(): Promise<void> {
		this.server.closeAllConnections();
		await new Promise((resolve) => this.server.close(resolve));
	}

	private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const body = await bodyOf(request);
		const basic = `Basic ${Buffer.from('jira@example.com:jira-token').toString('base64')}`;
		if (request.headers.authorization !== basic)
			return sendJson(response, 401, { errorMessages: ['Client must be authenticated'] });
		switch (`${request.method ?? ''} ${request.url ?? ''}`) {
			case 'GET /rest/api/2/issuetype':
				return sendJson(response, 200, [{ id: '10001', name: 'Task', subtask: false }]);
			case 'POST /rest/api/2/issue':
				this.issues.push(JSON.parse(body) as JiraIssue);
				return sendJson(response, 201, { id: String(20_000 + this.issues.length), key: `SUP-${this.issues.length}` });
			default:
				return sendJson(response, 404, { errorMessages: [`No ${request.method ?? ''} ${request.url ?? ''}`] });
		}
	}
}
