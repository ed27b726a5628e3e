// Lets Node run this package's TypeScript as it is: the sources import each other without an extension.
import { registerHooks } from 'node:module';

registerHooks({
	resolve(specifier, { parentURL, ...context }, next) {
		const isProgram = parentURL === undefined && specifier.endsWith('.ts');
		const isImport = parentURL?.endsWith('.ts') === true && specifier.startsWith('.');
		if (!isProgram && !isImport) return next(specifier, { parentURL, ...context });
		return { ...next(isImport ? `${specifier}.ts` : specifier, { parentURL, ...context }), format: 'module-typescript' };
	},
});
