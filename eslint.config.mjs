import { n8nCommunityNodesPlugin } from '@n8n/eslint-plugin-community-nodes';
import n8nNodesBase from 'eslint-plugin-n8n-nodes-base';
import regexp from 'eslint-plugin-regexp';
import { globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

const rulesOf = (ruleset) => n8nNodesBase.configs[ruleset].rules;

export default tseslint.config(
	globalIgnores(['dist/**', 'node_modules/**', 'coverage/**']),
	{
		files: ['**/*.{ts,mts}'],
		extends: [tseslint.configs.recommended],
		languageOptions: {
			parserOptions: {
				project: ['./tsconfig.json', './test/n8n/tsconfig.json'],
				tsconfigRootDir: import.meta.dirname,
			},
		},
		rules: {
			'no-console': 'error',
			// A promise that nobody waits for loses its failure.
			'@typescript-eslint/no-floating-promises': 'error',
			'@typescript-eslint/no-misused-promises': 'error',
			// Naming a property beside a rest is how it is left out.
			'@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
		},
	},
	{
		files: ['nodes/**/*.ts', 'credentials/**/*.ts'],
		plugins: { regexp },
		rules: {
			// Servers, models and items write what the patterns read: no text may make one take more than linear time.
			'regexp/no-super-linear-backtracking': ['error', { report: 'potential' }],
			'regexp/no-super-linear-move': ['error', { report: 'potential', ignorePartial: false }],
		},
	},
	{
		files: ['nodes/**/*.ts', 'credentials/**/*.ts', 'package.json'],
		// The variant for self-hosted n8n: the cloud variant allows no run-time dependency.
		extends: [n8nCommunityNodesPlugin.configs.recommendedWithoutN8nCloudSupport],
		rules: {
			// The vendors' own SDKs are this package's choice; the README says what that means for verification.
			'@n8n/community-nodes/no-runtime-dependencies': 'off',
		},
	},
	{
		files: ['package.json'],
		plugins: { 'n8n-nodes-base': n8nNodesBase },
		languageOptions: { parser: tseslint.parser, parserOptions: { extraFileExtensions: ['.json'] } },
		rules: rulesOf('community'),
	},
	{
		files: ['credentials/**/*.ts'],
		plugins: { 'n8n-nodes-base': n8nNodesBase },
		rules: {
			...rulesOf('credentials'),
			// For nodes inside n8n's own repository, whose documentation is a slug; the community rule asks for a URL.
			'n8n-nodes-base/cred-class-field-documentation-url-miscased': 'off',
		},
	},
	{
		files: ['credentials/ResilientLlmPostgresApi.credentials.ts', 'credentials/ResilientLlmRedisApi.credentials.ts'],
		rules: {
			// Neither speaks HTTP: the nodes test them (`testedBy`), which the rule sees only once `dist` is built.
			'@n8n/community-nodes/credential-test-required': 'off',
		},
	},
	{
		files: ['nodes/**/*.ts'],
		plugins: { 'n8n-nodes-base': n8nNodesBase },
		rules: {
			...rulesOf('nodes'),
			// Both know only the plain ['main'] of old, and neither named outputs nor NodeConnectionTypes.
			'n8n-nodes-base/node-class-description-inputs-wrong-regular-node': 'off',
			'n8n-nodes-base/node-class-description-outputs-wrong': 'off',
		},
	},
	{
		files: ['nodes/ResilientLlm/ResilientChatModel.node.ts'],
		rules: {
			// One folder for the service, whatever its nodes are called.
			'n8n-nodes-base/node-dirname-against-convention': 'off',
		},
	},
);
