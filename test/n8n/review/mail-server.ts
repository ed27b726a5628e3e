import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { parseMail, type Mail } from './mail.ts';

/** An SMTP server on loopback that takes every mail and sends none on. */
export class MailServer {
	readonly mails: Mail[] = [];
	private readonly server: Server;
	private readonly sockets = new Set<Socket>();

	private constructor(server: Server) {
		this.server = server;
		server.on('connection', (socket) => {
			this.sockets.add(socket);
			socket.once('close', () => void this.sockets.delete(socket));
			socket.on('error', () => socket.destroy());
			this.talk(socket);
		});
	}

	static async start(): Promise<MailServer> {
		const server = createServer();
		await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
		return new MailServer(server);
	}

	/** For n8n's SMTP credential. */
	get account(): Readonly<Record<string, unknown>> {
		return {
			host: '127.0.0.1',
			port: (this.server.address() as AddressInfo).port,
			secure: false,
			disableStartTls: true,
			user: '',
			password: '',
		};
	}

	/** The one mail in whose text these words stand. */
	mailWith(words: string): Mail {
		const found = this.mails.filter(({ text }) => text.includes(words));
		if (found.length !== 1 || !found[0]) throw new Error(`${found.length} mails say "${words}"`);
		return found[0];
	}

	async stop(): Promise<void> {
		for (const socket of this.sockets) socket.destroy();
		await new Promise((resolve) => this.server.close(resolve));
	}

	private talk(socket: Socket): void {
		let waiting = '';
		let content: string[] | undefined;
		socket.setEncoding('latin1').write('220 fake ESMTP\r\n');
		socket.on('data', (chunk: string) => {
			const lines = (waiting + chunk).split('\r\n');
			waiting = lines.pop() ?? '';
			for (const line of lines) {
				if (content === undefined) {
					const verb = line.slice(0, 4).toUpperCase();
					if (verb === 'DATA') content = [];
					socket.write(verb === 'DATA' ? '354 Go on\r\n' : verb === 'QUIT' ? '221 Bye\r\n' : '250 OK\r\n');
				} else if (line === '.') {
					this.mails.push(parseMail(content.join('\r\n')));
					content = undefined;
					socket.write('250 Taken\r\n');
				} else {
					// A leading dot is doubled on the way.
					content.push(line.startsWith('.') ? line.slice(1) : line);
				}
			}
		});
	}
}
