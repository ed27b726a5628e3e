import type { INodeProperties } from 'n8n-workflow';

const exampleSchema = `{
	"type": "object",
	"properties": {
		"sentiment": { "type": "string", "enum": ["positive", "neutral", "negative"] },
		"summary": { "type": "string" }
	},
	"required": ["sentiment", "summary"],
	"additionalProperties": false
}`;

export const outputFormat: INodeProperties[] = [
	{
		displayName: 'Output Format',
		name: 'outputFormat',
		type: 'options',
		options: [
			{
				name: 'Text',
				value: 'text',
				description: 'The answer as the model wrote it',
			},
			{
				name: 'JSON',
				value: 'json',
				description: 'Any valid JSON value',
			},
			{
				name: 'JSON That Fits a Schema',
				value: 'jsonSchema',
				description: 'A JSON value that is checked against your schema before it counts as an answer',
			},
		],
		default: 'text',
		description: 'What the answer must be. One that is not goes back to the model once, then to the next model.',
	},
	{
		displayName: 'JSON Schema',
		name: 'jsonSchema',
		type: 'json',
		typeOptions: { rows: 8 },
		default: exampleSchema,
		required: true,
		displayOptions: { show: { outputFormat: ['jsonSchema'] } },
		description: 'The JSON Schema (draft 7 or 2020-12) that every answer must fit',
	},
];
