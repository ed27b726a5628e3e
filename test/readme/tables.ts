import type { INodeProperties } from 'n8n-workflow';
import { chatModelProperties } from '../../nodes/ResilientLlm/description/chat-model/properties';
import { generateProperties } from '../../nodes/ResilientLlm/description/generate';
import { reportProperties } from '../../nodes/ResilientLlm/description/report';
import { reviewProperties } from '../../nodes/ResilientLlm/description/review';
import { reviewTriggerProperties } from '../../nodes/ResilientLlm/description/review-trigger';
import { failureReasons } from '../../nodes/ResilientLlm/engine/failure';
import { failureTable, type FailureRow } from '../../nodes/ResilientLlm/engine/failure-table';
import { reasonCodes } from '../../nodes/ResilientLlm/engine/outcome';
import { openings } from '../../nodes/ResilientLlm/engine/escalation-reason';
import { metricTable } from '../../nodes/ResilientLlm/host/metrics';
import { n8nVersions } from '../n8n/install/n8n-versions';
import { eventTable } from './events';
import { attemptFields, decisionFields, escalateFields, reportFields, successFields } from './fields';

export type Table = readonly (readonly string[])[];

/** Every table of the README that mirrors code, by the name of its markers. */
export function readmeTables(): Readonly<Record<string, string>> {
	const parameters = (properties: readonly INodeProperties[]) =>
		markdown([['Parameter', 'Name', 'Default', 'What it does'], ...parameterRows(properties)]);
	return {
		'failure-table': markdown([
			['Reason', 'Means', 'Retry', 'Then', 'Circuit breaker', 'Remark'],
			...failureReasons.map(failureRow),
		]),
		parameters: parameters(generateProperties),
		'chat-model-parameters': parameters(chatModelProperties),
		'review-parameters': parameters(reviewProperties),
		'report-parameters': parameters(reportProperties),
		'trigger-parameters': parameters(reviewTriggerProperties),
		'success-fields': markdown([['Field', 'Holds'], ...fieldRows(successFields)]),
		'decision-fields': markdown([['Field', 'Holds'], ...fieldRows(decisionFields)]),
		'attempt-fields': markdown([['Field', 'Holds'], ...fieldRows(attemptFields)]),
		'escalate-fields': markdown([['Field', 'Holds'], ...fieldRows(escalateFields)]),
		events: markdown([
			['Event', 'Level', 'Means', 'Fields'],
			...Object.entries(eventTable).map(([event, { level, means, fields }]) => [
				`\`${event}\``,
				level,
				means,
				fields.map((field) => `\`${field}\``).join(', ') || '–',
			]),
		]),
		metrics: markdown([
			['Metric', 'Type', 'Labels', 'Counts'],
			...Object.entries(metricTable).map(([name, { type, labels, help }]) => [
				`\`${name}\``,
				type,
				labels.map((label) => `\`${label}\``).join(', '),
				help,
			]),
		]),
		'report-fields': markdown([['Field', 'Holds'], ...fieldRows(reportFields)]),
		versions: markdown([
			['Tested with n8n', 'on Node.js'],
			...n8nVersions.map(({ n8n, node }) => [n8n, node.split('.')[0]!]),
		]),
		'reason-codes': markdown([
			['`reasonCode`', 'Means'],
			...reasonCodes.map((code) => [`\`${code}\``, openings[code]]),
		]),
	};
}

const retryWords: Readonly<Record<FailureRow['retry'], string>> = { yes: 'yes', once: 'once', no: 'no' };
const breakerWords: Readonly<Record<FailureRow['breaker'], string>> = {
	counts: 'counts',
	opens: 'opens at once',
	ignored: '–',
};

function failureRow(reason: (typeof failureReasons)[number]): readonly string[] {
	const row = failureTable[reason];
	return [`\`${reason}\``, row.meaning, retryWords[row.retry], row.then, breakerWords[row.breaker], row.remark];
}

function parameterRows(properties: readonly INodeProperties[], prefix = ''): Table {
	return properties.flatMap((property) => {
		if (property.type === 'notice' || property.type === 'credentials') return [];
		const row = [`${prefix}${property.displayName}`, `\`${property.name}\``, defaultOf(property), sentence(property)];
		const inner = (property.options ?? []).flatMap((option) =>
			'values' in option ? option.values : 'type' in option ? [option as INodeProperties] : [],
		);
		return [row, ...parameterRows(inner, `${prefix}· `)];
	});
}

function defaultOf({ name, default: value }: INodeProperties): string {
	if (name === 'providerOrder') return 'Anthropic → OpenAI → Gemini';
	if (name === 'jsonSchema') return 'an example';
	return value === '' || (typeof value === 'object' && value !== null) ? '–' : `\`${String(value)}\``;
}

function sentence({ description, options, type }: INodeProperties): string {
	const values =
		type === 'options' || type === 'multiOptions'
			? (options ?? []).flatMap((option) =>
					'value' in option && option.value !== '' ? [`\`${String(option.value)}\``] : [],
				)
			: [];
	const text = (description ?? '').replace(/[^.]$/, '$&.');
	return values.length === 0 ? text : `${text} ${values.join(' ')}`;
}

function fieldRows(fields: Readonly<Record<string, string>>): Table {
	return Object.entries(fields).map(([name, meaning]) => [`\`${name}\``, meaning]);
}

function markdown([head, ...rows]: Table): string {
	const line = (cells: readonly string[]) =>
		`| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
	return [line(head ?? []), line((head ?? []).map(() => '---')), ...rows.map(line)].join('\n');
}
