import { pipeline, type Readable, type Transform } from 'node:stream';
import { constants, createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';

const decoders = new Map<string, () => Transform>([
	['gzip', gunzip],
	['x-gzip', gunzip],
	['deflate', () => createInflate()],
	['br', () => createBrotliDecompress()],
	['zstd', () => createZstdDecompress()],
]);

/**
 * Decompresses gzip. If the stream is cut off before its trailer, the data received so far is accepted, as in browsers.
 */
function gunzip(): Transform {
	return createGunzip({ flush: constants.Z_SYNC_FLUSH, finishFlush: constants.Z_SYNC_FLUSH });
}

/** How many nested encodings are decoded. Servers use one and a proxy may add another; each costs memory. */
const mostEncodings = 4;

/**
 * The body decoded according to its `content-encoding` header. A body with an unknown encoding is returned as it is.
 */
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
