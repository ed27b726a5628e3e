import { pipeline, type Readable, type Transform } from 'node:stream';
import { constants, createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';

const decoders = new Map<string, () => Transform>([
	['gzip', gunzip],
	['x-gzip', gunzip],
	['deflate', () => createInflate()],
	['br', () => createBrotliDecompress()],
	['zstd', () => createZstdDecompress()],
]);

/** Servers that cut a gzip stream short after its last byte of data are read as far as they got, as browsers do. */
function gunzip(): Transform {
	return createGunzip({ flush: constants.Z_SYNC_FLUSH, finishFlush: constants.Z_SYNC_FLUSH });
}

/** Encodings within each other. Servers use one, and a proxy may add its own; each takes memory of its own. */
const mostEncodings = 4;

/** The body as the server meant it, whatever `content-encoding` it chose. Unknown encodings are left as they are. */
export function decoded(body: Readable, contentEncoding: string | null): Readable {
	let stream = body;
	const names = contentEncoding?.toLowerCase().split(',').reverse() ?? [];
	const known = names.flatMap((name) => decoders.get(name.trim()) ?? []);
	if (known.length > mostEncodings) {
		body.on('error', () => undefined).destroy();
		throw Object.assign(new Error('The reply is encoded too often'), { code: 'Z_TOO_OFTEN' });
	}
	for (const decoder of known) stream = pipeline(stream, decoder(), () => undefined);
	return stream;
}
