import { InvalidInput } from '../../tasks/invalid-input';

interface NumberRange {
	readonly min: number;
	readonly max: number;
	readonly whole?: boolean;
}

/**
 * Whether a parameter is not set. The functions in this file check every value's type, because parameters may come from
 * forms, expressions or workflows written by hand.
 */
export function isUnset(value: unknown): value is undefined | null | '' {
	return value === undefined || value === null || value === '';
}

export function readText(value: unknown, field: string): string {
	if (isUnset(value)) return '';
	if (typeof value === 'string') return value;
	if (typeof value === 'number' || typeof value === 'boolean') return String(value);
	throw new InvalidInput(`${field} must be text, not ${kindOf(value)}`, 'Check the expression: it must give text.');
}

export function readNumber(value: unknown, field: string, range: NumberRange): number {
	const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
	const { min, max, whole = false } = range;
	const fits = typeof number === 'number' && number >= min && number <= max && (!whole || Number.isInteger(number));
	if (!fits) {
		throw new InvalidInput(
			`${field} must be ${whole ? 'a whole number' : 'a number'} from ${min} to ${max}, not ${shown(value)}`,
			`Set ${field} to a value in that range.`,
		);
	}
	return number;
}

export function readOptionalNumber(value: unknown, field: string, range: NumberRange): number | undefined {
	return isUnset(value) ? undefined : readNumber(value, field, range);
}

export function readChoice<Choice extends string>(value: unknown, field: string, choices: readonly Choice[]): Choice {
	const choice = choices.find((candidate) => candidate === value);
	if (choice === undefined) {
		throw new InvalidInput(
			`${field} must be one of ${choices.join(', ')}, not ${shown(value)}`,
			`If ${field} is an expression, check what it gives for this item.`,
		);
	}
	return choice;
}

export function readBoolean(value: unknown, field: string): boolean {
	if (value === true || value === 'true') return true;
	if (value === false || value === 'false') return false;
	throw new InvalidInput(`${field} must be true or false, not ${shown(value)}`, 'Check the expression.');
}

export function readRecord(value: unknown): Readonly<Record<string, unknown>> {
	return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

function kindOf(value: unknown): string {
	return Array.isArray(value) ? 'a list' : 'an object';
}

function shown(value: unknown): string {
	if (isUnset(value)) return 'empty';
	if (typeof value === 'object') return kindOf(value);
	const text = String(value);
	return `"${text.length > 40 ? `${text.slice(0, 40)}…` : text}"`;
}
