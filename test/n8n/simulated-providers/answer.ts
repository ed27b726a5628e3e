/** Enough of JSON Schema to make up a value that fits one a user is likely to try. */
interface Schema {
	readonly type?: string | readonly string[];
	readonly enum?: readonly unknown[];
	readonly properties?: Readonly<Record<string, Schema>>;
	readonly items?: Schema;
}

/** What the simulated model says: it sorts support tickets, in the output format it was asked for. */
export function answerTo(prompt: string, format: 'text' | 'json' | Schema): string {
	const text = sortTicket(prompt);
	if (format === 'text') return text;
	return JSON.stringify(format === 'json' ? { answer: text } : sampleOf(format, text));
}

function sortTicket(prompt: string): string {
	if (/charged|refund|invoice/i.test(prompt)) return 'Billing: refund the second charge and confirm by email.';
	if (/password|log in|login/i.test(prompt)) return 'Account: send a new password link.';
	if (/crash|error|broken/i.test(prompt)) return 'Engineering: ask for the version and reproduce the crash.';
	return 'Support: thank the customer and answer within a day.';
}

function sampleOf(schema: Schema, text: string): unknown {
	if (schema.enum) return schema.enum[0];
	const type = typeof schema.type === 'string' ? schema.type : (schema.type?.[0] ?? 'object');
	switch (type) {
		case 'object':
			return Object.fromEntries(
				Object.entries(schema.properties ?? {}).map(([name, property]) => [name, sampleOf(property, text)]),
			);
		case 'array':
			return schema.items ? [sampleOf(schema.items, text)] : [];
		case 'string':
			return text;
		case 'number':
		case 'integer':
			return 1;
		case 'boolean':
			return true;
		default:
			return null;
	}
}
