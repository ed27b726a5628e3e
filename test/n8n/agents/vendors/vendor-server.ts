import {
	createServer,
	type IncomingHttpHeaders,
	type IncomingMessage,
	type Server,
	type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { baseUrlOf, type Vendor } from '../../simulated-providers/vendor.ts';
import { answerOver } from './answer-over.ts';
import { resultsSinceQuestion, type Conversation } from './conversation.ts';
import { Door } from './door.ts';
import { effects, type Effect, type Fault, type Line } from './faults.ts';
import { protocolOf } from './protocols/index.ts';
import type { ErrorReply, Protocol } from './protocols/protocol.ts';
import { usageOf, type Usage } from './reply.ts';
import { spareCall, type Script } from './scripts.ts';
import { objectionTo } from './vendor-rules.ts';

/** What is wrong with a vendor, and when. */
export interface Trouble {
	readonly fault: Fault;
	/** `first`: before any tool has answered. `second`: once one has. */
	readonly turn: 'first' | 'second' | 'every';
	/** Only so many calls of that turn meet it; all of them when left out. A closed port stays closed. */
	readonly times?: number;
}

/** What one run of a workflow meets. */
export interface Plan {
	readonly script: Script;
	/** By vendor; the others are well. */
	readonly troubles: Readonly<Partial<Record<Vendor, Trouble>>>;
	/** What a rate-limited vendor says. */
	readonly retryAfterSeconds?: number;
	/** Pause between two pieces of a streamed answer; none when left out. */
	readonly pieceMs?: number;
}

/** One call that arrived at a vendor. */
export interface VendorCall {
	readonly plan: string;
	readonly vendor: Vendor;
	/** When it was read to its end, ms since 1970. */
	readonly at: number;
	readonly path: string;
	readonly headers: Readonly<Record<string, string | string[] | undefined>>;
	readonly body: string;
	readonly asked: Conversation;
	readonly turn: number;
	/** The fault that it met, if any. */
	readonly met: Fault | undefined;
	/** Why the vendor turned it down by its own rules, in its own words. */
	readonly objection: string | undefined;
	/** The tokens the vendor bills: what its model wrote, also when the line lost it. */
	readonly billed: Usage | undefined;
	/** When the response or its connection ended, ms since 1970; undefined while it lasts. */
	endedAt: number | undefined;
}

/** One use of the tool that writes. */
export interface LedgerEntry {
	readonly plan: string;
	readonly at: number;
	readonly body: unknown;
}

/** The vendors' models, with the troubles of the plan that the URL names, and the ledger of the writing tool. */
export class VendorServer {
	readonly journal: VendorCall[] = [];
	readonly ledger: LedgerEntry[] = [];
	private readonly plans = new Map<string, Plan>();
	private readonly doors = new Map<string, Door>();
	private readonly server: Server;

	private constructor(server: Server) {
		this.server = server;
		server.on('request', (request, response) => void this.serve(request, response));
	}

	static async start(): Promise<VendorServer> {
		const server = createServer();
		await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
		return new VendorServer(server);
	}

	/** Sets what calls below the base URLs it gives will meet. */
	async plan(
		name: string,
		plan: Plan,
	): Promise<{ readonly baseUrls: Readonly<Record<Vendor, string>>; readonly ledgerUrl: string }> {
		this.plans.set(name, plan);
		const root = `${this.url}/${name}`;
		const baseUrls = { anthropic: '', openai: '', gemini: '', ollama: '', compatible: '' };
		for (const vendor of Object.keys(baseUrls) as Vendor[]) {
			baseUrls[vendor] = baseUrlOf(
				vendor,
				plan.troubles[vendor]?.fault === 'connection_refused' ? await this.door(name, vendor) : root,
			);
		}
		return { baseUrls, ledgerUrl: `${root}/ledger` };
	}

	async stop(): Promise<void> {
		this.server.closeAllConnections();
		await Promise.all([
			new Promise((resolve) => this.server.close(resolve)),
			...[...this.doors.values()].map((door) => door.shut()),
		]);
	}

	private get url(): string {
		return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
	}

	private async door(name: string, vendor: Vendor): Promise<string> {
		const door = await Door.open((request, response) => {
			// On a connection that is kept alive, the next call could slip in before the door is shut.
			response.setHeader('connection', 'close');
			void this.serve(request, response);
		});
		this.doors.set(`${name}/${vendor}`, door);
		if (this.plans.get(name)?.troubles[vendor]?.turn !== 'second') await door.shut();
		return `http://127.0.0.1:${door.port}/${name}`;
	}

	private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
		try {
			const body = await readBody(request);
			const [, name = '', place = '', ...rest] = (request.url ?? '/').split('?', 1)[0]?.split('/') ?? [];
			const plan = this.plans.get(name);
			if (plan === undefined) return sendJson(response, 404, { error: `No plan is named ${name}` });
			if (place === 'ledger') return this.book(name, body, response);
			const vendor = place as Vendor;
			const path = `/${rest.join('/')}`;
			const protocol = protocolOf(vendor, path);
			const asked = protocol?.read(path, body);
			if (protocol === undefined || asked === undefined)
				return sendJson(response, 404, { error: `${place} has no ${path}` });
			await this.answer({ name, plan, vendor, path, protocol, asked, body }, request, response);
		} catch (error) {
			// Whoever called has gone away, or sent no JSON; neither may take the other plans down.
			response.destroy(error instanceof Error ? error : undefined);
		}
	}

	private async answer(arrived: Arrived, request: IncomingMessage, response: ServerResponse): Promise<void> {
		const { name, plan, vendor, path, protocol, asked, body } = arrived;
		const turn = resultsSinceQuestion(asked).length + 1;
		const objection = objectionTo(vendor, path, plain(request.headers), body);
		const fault = objection === undefined ? this.faultOf(name, plan, vendor, turn) : undefined;
		const effect = fault === undefined ? wellEffect : effects[fault];
		const meant = plan.script.next(asked);
		const reply = effect.kind === 'answer' ? (effect.words?.(meant, spareCall(asked)) ?? meant) : meant;
		const usage = usageOf(body, reply);
		const isWritten = objection === undefined && effect.kind === 'answer' && !unwritten.includes(effect.line);
		const call: VendorCall = {
			plan: name,
			vendor,
			at: Date.now(),
			path,
			headers: request.headers,
			body,
			asked,
			turn,
			met: fault,
			objection: objection?.message,
			billed: isWritten ? usage : undefined,
			endedAt: undefined,
		};
		this.journal.push(call);
		response.once('close', () => {
			call.endedAt = Date.now();
			if (plan.troubles[vendor]?.fault === 'connection_refused') void this.doors.get(`${name}/${vendor}`)?.shut();
		});
		if (objection !== undefined) return sendError(response, objection.reply);
		if (effect.kind === 'refusal') {
			return sendError(response, protocol.refusal(effect.refusal, asked.model, plan.retryAfterSeconds ?? 1));
		}
		const envelope = { asked, request: JSON.parse(body) as unknown, number: this.journal.length, usage };
		await answerOver(response, effect.line, protocol, reply, envelope, plan.pieceMs ?? 0);
	}

	private faultOf(name: string, plan: Plan, vendor: Vendor, turn: number): Fault | undefined {
		const trouble = plan.troubles[vendor];
		if (trouble === undefined || trouble.fault === 'connection_refused') return undefined;
		if (trouble.turn !== 'every' && turn !== (trouble.turn === 'first' ? 1 : 2)) return undefined;
		const met = this.journal.filter(
			(call) => call.plan === name && call.vendor === vendor && call.met === trouble.fault,
		).length;
		return met < (trouble.times ?? Infinity) ? trouble.fault : undefined;
	}

	private book(plan: string, body: string, response: ServerResponse): void {
		const entry = JSON.parse(body) as { readonly amount?: unknown };
		this.ledger.push({ plan, at: Date.now(), body: entry });
		sendJson(response, 200, { booked: entry.amount ?? null });
	}
}

const wellEffect: Effect = { kind: 'answer', line: 'whole' };

/** Lines over which nothing comes that a model wrote. */
const unwritten: readonly Line[] = ['closed', 'hang', 'reset_before', 'html'];

interface Arrived {
	readonly name: string;
	readonly plan: Plan;
	readonly vendor: Vendor;
	readonly path: string;
	readonly protocol: Protocol;
	readonly asked: Conversation;
	readonly body: string;
}

function plain(headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
	return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}

async function readBody(request: IncomingMessage): Promise<string> {
	let body = '';
	for await (const chunk of request.setEncoding('utf8')) body += chunk as string;
	return body;
}

function sendError(response: ServerResponse, { status, headers, body }: ErrorReply): void {
	sendJson(response, status, body, headers);
}

function sendJson(
	response: ServerResponse,
	status: number,
	body: object,
	headers: Readonly<Record<string, string>> = {},
): void {
	response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}
