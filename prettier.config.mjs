/** n8n's own settings, with longer lines. */
export default {
	semi: true,
	trailingComma: 'all',
	bracketSpacing: true,
	useTabs: true,
	tabWidth: 2,
	arrowParens: 'always',
	singleQuote: true,
	quoteProps: 'as-needed',
	endOfLine: 'lf',
	printWidth: 120,
	// The pages' HTML is laid out as the browser gets it.
	embeddedLanguageFormatting: 'off',
};
