import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import ts from 'typescript';

export interface PatternLiteral {
	readonly file: string;
	readonly line: number;
	readonly source: string;
	readonly pattern: RegExp;
}

const root = resolve(import.meta.dirname, '../..');

/** Every regular expression that is written down in the package. */
export function patternLiterals(): readonly PatternLiteral[] {
	return globSync(['nodes/**/*.ts', 'credentials/**/*.ts'], { cwd: root }).flatMap(literalsOf);
}

function literalsOf(file: string): readonly PatternLiteral[] {
	const found: PatternLiteral[] = [];
	const source = ts.createSourceFile(file, readFileSync(resolve(root, file), 'utf8'), ts.ScriptTarget.Latest, true);
	visit(source);
	return found;

	function visit(node: ts.Node): void {
		if (ts.isRegularExpressionLiteral(node)) {
			const [, body = '', flags = ''] = /^\/(.*)\/(\w*)$/s.exec(node.text) ?? [];
			const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
			found.push({ file, line, source: body, pattern: new RegExp(body, flags) });
		}
		ts.forEachChild(node, visit);
	}
}
