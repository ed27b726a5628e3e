/** Something in a request that a vendor refuses, or takes without doing what was meant. */
export interface Violation {
	/** Short and lasting; the tests name it. */
	readonly rule: string;
	/** Where in the request, written as the vendor writes it. */
	readonly path: string;
	/** The vendor's own words where they are known, else ours. */
	readonly message: string;
	/** A warning is no refusal: the vendor answers, but the request does not do what it says. */
	readonly severity: 'refused' | 'warning';
	/** The status that the vendor answers with. Of no meaning in a warning. */
	readonly status: number;
	/** The machine-readable code of the vendors that have one. */
	readonly code?: string | null;
}

/** What a check may need besides the body. */
export interface Call {
	/** Header names in lower case. */
	readonly headers?: Readonly<Record<string, string>>;
	/** Path and query as sent. */
	readonly path?: string;
}

export type Check = (body: unknown, call?: Call) => readonly Violation[];

export type Findings = Generator<Violation, void>;

export function refused(
	rule: string,
	path: string,
	message: string,
	more: { readonly status?: number; readonly code?: string | null } = {},
): Violation {
	return { rule, path, message, severity: 'refused', status: 400, ...more };
}

export function warning(rule: string, path: string, message: string): Violation {
	return { rule, path, message, severity: 'warning', status: 200 };
}

/** The violation a vendor would answer with: it names the first one it meets. */
export function firstRefusal(violations: readonly Violation[]): Violation | undefined {
	return violations.find(({ severity }) => severity === 'refused');
}
