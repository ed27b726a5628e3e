import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Line } from './faults.ts';
import type { Envelope, Protocol, Stream } from './protocols/protocol.ts';
import type { Reply } from './reply.ts';

/** What a proxy in the way says instead of the vendor. */
const page =
	'<!DOCTYPE html>\n<html><head><title>Just a moment...</title></head>\n<body>Checking your browser</body></html>\n';
/** A reset sent at once overtakes what was written before it. */
const beforeResetMs = 20;

/** Sends a reply over a line that is perhaps broken. */
export async function answerOver(
	response: ServerResponse,
	line: Line,
	protocol: Protocol,
	reply: Reply,
	envelope: Envelope,
	pieceMs: number,
): Promise<void> {
	switch (line) {
		case 'hang':
			return;
		case 'closed':
		case 'reset_before':
			return reset(response.socket);
		case 'html':
			response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page);
			return;
	}
	const { streamed } = envelope.asked;
	response.writeHead(200, {
		'content-type': streamed ? protocol.streamType : 'application/json',
		'x-request-id': 'req_simulated',
		'request-id': 'req_simulated',
	});
	const parts = streamed
		? partsOf(protocol.stream(reply, envelope), line)
		: [wholeOf(protocol.whole(reply, envelope), line)];
	for (const [index, part] of parts.entries()) {
		if (index > 0 && pieceMs > 0) await sleep(pieceMs);
		if (response.destroyed) return;
		response.write(part);
	}
	if (line === 'stall') return;
	if (line !== 'reset_within') return void response.end();
	await sleep(beforeResetMs);
	reset(response.socket);
}

/** What gets over the line of a stream: half of the pieces, and half of the only one. */
function partsOf({ opening, pieces, closing }: Stream, line: Line): readonly string[] {
	if (line === 'whole') return [...opening, ...pieces, ...closing];
	if (pieces.length > 1) return [...opening, ...pieces.slice(0, Math.ceil(pieces.length / 2))];
	return [...opening, ...pieces.map(firstHalf)];
}

function wholeOf(body: object, line: Line): string {
	const text = JSON.stringify(body);
	return line === 'whole' ? text : firstHalf(text);
}

function firstHalf(text: string): string {
	return text.slice(0, Math.ceil(text.length / 2));
}

function reset(socket: Socket | null): void {
	socket?.resetAndDestroy();
}
