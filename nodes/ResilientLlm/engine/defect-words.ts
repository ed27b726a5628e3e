/**
 * Describes an unexpected error to the user. The error's own message is left out, because it may quote a prompt or an
 * answer; its class and source position are what a bug report needs.
 */
export function defectWords(error: unknown): string {
	const { name, stack = '' } = error instanceof Error ? error : new Error();
	const place = /\n {4}at .{0,500}?([\w.-]{1,80}\.[cm]?[jt]s:\d{1,9})/.exec(stack.slice(0, 10_000))?.[1];
	return `an unexpected ${name}${place === undefined ? '' : ` at ${place}`}, a defect of this package: please report it`;
}
