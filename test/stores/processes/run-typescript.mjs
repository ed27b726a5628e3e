// Lets Node run this package's TypeScript as it is: the sources import each other without an extension.
import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';

registerHooks({
	resolve(specifier, { parentURL, ...context }, next) {
		const isProgram = parentURL === undefined && specifier.endsWith('.ts');
		const isImport = parentURL?.endsWith('.ts') === true && specifier.startsWith('.');
		if (!isProgram && !isImport) return next(specifier, { parentURL, ...context });
		return {
			...next(isImport ? fileOf(specifier, parentURL) : specifier, { parentURL, ...context }),
			format: 'module-typescript',
		};
	},
});

function fileOf(specifier, parentURL) {
	const file = `${specifier}.ts`;
	return existsSync(new URL(file, parentURL)) ? file : `${specifier}/index.ts`;
}
