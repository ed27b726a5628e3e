import tseslint from 'typescript-eslint';
import untyped from './eslint.config.mjs';

/** Rules that ask the compiler, on top of the others: slower, and not part of `npm run lint` yet. */
export default tseslint.config(...untyped, {
	files: ['**/*.{ts,mts}'],
	languageOptions: {
		parserOptions: {
			project: ['./tsconfig.json', './test/n8n/tsconfig.json'],
			tsconfigRootDir: import.meta.dirname,
		},
	},
	rules: {
		'@typescript-eslint/no-floating-promises': 'error',
		'@typescript-eslint/no-misused-promises': 'error',
	},
});
