import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';

import type { Attachment } from '../../engine/conversation';
import { vendors } from '../../providers/vendors';
import type { StepParameters } from './step-parameters';
import { InvalidInput } from '../../tasks/invalid-input';

type Kind = Attachment['kind'];

const kinds: Readonly<Record<string, Kind>> = {
	'image/png': 'image',
	'image/jpeg': 'image',
	'image/webp': 'image',
	'image/gif': 'image',
	'application/pdf': 'pdf',
};

/** A binary field that every provider in the order accepts. Its content is loaded only when the item's task runs. */
export interface PendingAttachment {
	readonly field: string;
	readonly kind: Kind;
	readonly mimeType: string;
	readonly fileName: string;
}

export function findAttachments(
	context: IExecuteFunctions,
	itemIndex: number,
	fields: readonly string[],
	steps: readonly StepParameters[],
): readonly PendingAttachment[] {
	return fields.map((field) => {
		const binary = binaryOf(context, itemIndex, field);
		const mimeType = plainMimeType(binary.mimeType);
		const kind = kinds[mimeType];
		if (kind === undefined) {
			throw new InvalidInput(
				`The binary field "${field}" is ${mimeType || 'of unknown type'}, which no model can read here`,
				'Use PNG, JPEG, WebP or GIF images or PDFs, or take the field out of Binary Fields.',
			);
		}
		const step = steps.find(({ provider }) => !vendors[provider].inputs.includes(kind));
		if (step !== undefined) {
			throw new InvalidInput(
				`${step.name} cannot read the binary field "${field}" (${mimeType})`,
				'Take that step out of the provider order, or turn the file into images or text before this node.',
			);
		}
		return { field, kind, mimeType, fileName: binary.fileName ?? field };
	});
}

export async function readAttachments(
	context: IExecuteFunctions,
	itemIndex: number,
	pending: readonly PendingAttachment[],
): Promise<readonly Attachment[]> {
	return await Promise.all(
		pending.map(async ({ field, kind, mimeType, fileName }) => {
			const content = await contentOf(context, itemIndex, field);
			return { kind, mimeType, fileName, base64: content.toString('base64') };
		}),
	);
}

async function contentOf(context: IExecuteFunctions, itemIndex: number, field: string): Promise<Buffer> {
	return await context.helpers.getBinaryDataBuffer(itemIndex, field).catch((error: unknown) => {
		throw new InvalidInput(
			`The binary field "${field}" cannot be read: ${error instanceof Error ? error.message : String(error)}`,
			'Check the node before, and that n8n still keeps the file.',
		);
	});
}

function binaryOf(context: IExecuteFunctions, itemIndex: number, field: string): IBinaryData {
	const binaries = context.getInputData()[itemIndex]?.binary ?? {};
	const binary = Object.hasOwn(binaries, field) ? binaries[field] : undefined;
	if (binary === undefined) {
		const there = Object.keys(binaries);
		throw new InvalidInput(
			`The item has no binary field "${field}"`,
			there.length === 0 ? 'It has no binary data at all: check the node before.' : `It has: ${there.join(', ')}.`,
		);
	}
	return binary;
}

function plainMimeType(mimeType: string | undefined): string {
	const plain = (mimeType ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
	return plain === 'image/jpg' ? 'image/jpeg' : plain;
}
