import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';

import ts from 'typescript';
import { describe, expect, it } from 'vitest';

import { requireFreshDist } from './fresh-dist.mjs';

const root = resolve(import.meta.dirname, '..');
const house = 'nodes/ResilientLlm';

interface Import {
	/** Path from the root, without extension, for own files; the specifier as written for packages. */
	readonly target: string;
	readonly own: boolean;
	/** Loaded together with the file that imports it. */
	readonly atLoad: boolean;
}

const files = globSync(['nodes/**/*.ts', 'credentials/**/*.ts'], { cwd: root });
const imports = new Map(files.map((file) => [withoutExtension(file), importsOf(file)]));

/** Every import of a file: static, type-only, dynamic, and inside a type. */
function importsOf(file: string): readonly Import[] {
	const found: Import[] = [];
	const source = ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.Latest, true);
	visit(source);
	return found;

	function visit(node: ts.Node): void {
		if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
			add(node.moduleSpecifier, !isTypeOnly(node));
		} else if (
			ts.isCallExpression(node) &&
			(node.expression.kind === ts.SyntaxKind.ImportKeyword || node.expression.getText() === 'require')
		) {
			add(node.arguments[0], false);
		} else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
			add(node.argument.literal, false);
		}
		ts.forEachChild(node, visit);
	}

	function add(specifier: ts.Node | undefined, atLoad: boolean): void {
		if (specifier === undefined || !ts.isStringLiteral(specifier)) return;
		const own = specifier.text.startsWith('.');
		const target = own ? ownTarget(join(dirname(file), specifier.text)) : specifier.text;
		found.push({ target, own, atLoad });
	}
}

function isTypeOnly(node: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
	if (ts.isExportDeclaration(node)) return node.isTypeOnly;
	const clause = node.importClause;
	if (clause === undefined) return false;
	const names = clause.namedBindings;
	const onlyTypes =
		names !== undefined && ts.isNamedImports(names) && names.elements.every(({ isTypeOnly }) => isTypeOnly);
	return clause.phaseModifier === ts.SyntaxKind.TypeKeyword || (clause.name === undefined && onlyTypes);
}

function ownTarget(path: string): string {
	return isFile(path) ? path : join(path, 'index');
}

function isFile(path: string): boolean {
	return files.some((file) => withoutExtension(file) === path) || path.endsWith('.json');
}

function withoutExtension(file: string): string {
	return file.replace(/\.ts$/, '');
}

/**
 * The room a file is in, by its folder; "entry" for n8n's entry files. A room that is not listed below may import
 * nothing.
 */
function roomOf(path: string): string {
	if (path.startsWith('credentials/')) return 'credentials';
	const inside = relative(house, path);
	return inside.includes('/') ? inside.split('/')[0]! : 'entry';
}

const mayImport: Readonly<Record<string, readonly string[]>> = {
	engine: ['engine'],
	providers: ['providers', 'engine'],
	stores: ['stores', 'engine'],
	schemas: ['schemas', 'engine'],
	page: ['page', 'engine'],
	report: ['report', 'page', 'providers', 'engine'],
	review: ['review', 'page', 'schemas', 'providers', 'engine'],
	tasks: ['tasks', 'review', 'schemas', 'providers', 'engine'],
	host: ['host', 'tasks', 'providers', 'stores', 'engine'],
	description: ['description', 'providers'],
	actions: ['actions', 'host', 'tasks', 'review', 'report', 'schemas', 'providers', 'engine'],
	entry: ['actions', 'description', 'host'],
	credentials: [],
};

const edge = ['host', 'description', 'actions', 'entry', 'credentials'];

function edges(): ReadonlyArray<{ readonly from: string; readonly room: string; readonly to: Import }> {
	return [...imports].flatMap(([from, list]) => list.map((to) => ({ from, room: roomOf(from), to })));
}

describe('one direction', () => {
	it('rooms import only what lies below them', () => {
		const wrong = edges().filter(({ room, to }) => to.own && !mayImport[room]?.includes(roomOf(to.target)));
		expect(wrong.map(({ from, to }) => `${from} → ${to.target}`)).toEqual([]);
	});

	it('the engine imports nothing outside itself', () => {
		const wrong = edges().filter(({ room, to }) => room === 'engine' && !to.own);
		expect(wrong.map(({ from, to }) => `${from} → ${to.target}`)).toEqual([]);
	});

	it('the engine reads no clock, no chance and no environment of its own', () => {
		const forbidden =
			/\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bperformance\b|\bprocess\.|\bsetTimeout\b|\bsetInterval\b|\bfetch\(/;
		const wrong = files
			.filter((file) => file.startsWith(`${house}/engine/`))
			.filter((file) => forbidden.test(code(file)));
		expect(wrong).toEqual([]);
	});

	it('only the edge imports n8n-workflow', () => {
		const wrong = edges().filter(({ room, to }) => to.target.startsWith('n8n-') && !edge.includes(room));
		expect(wrong.map(({ from, to }) => `${from} → ${to.target}`)).toEqual([]);
	});

	it('there is no cycle, type imports included', () => {
		expect(cycles()).toEqual([]);
	});
});

describe('what n8n loads when it starts', () => {
	it('no package but its own n8n-workflow is imported at load', () => {
		const free = new Set(['n8n-workflow', ...builtinModules, ...builtinModules.map((name) => `node:${name}`)]);
		const wrong = edges().filter(({ to }) => !to.own && to.atLoad && !free.has(to.target));
		expect(wrong.map(({ from, to }) => `${from} → ${to.target}`)).toEqual([]);
	});

	it('the built node loads no SDK, no HTTP client, no schema compiler and no price data', () => {
		requireFreshDist();
		const node = join(root, 'dist', house, 'ResilientLlm.node.js');
		const script = `require(${JSON.stringify(node)}); process.stdout.write(JSON.stringify(Object.keys(require.cache)))`;
		const loaded = JSON.parse(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' })) as string[];
		const packages = /node_modules\/(@anthropic-ai|openai|@google|undici|ajv|@pydantic|proxy-from-env)\//;
		expect(loaded.filter((file) => file.includes('ResilientLlm.node.js'))).toHaveLength(1);
		expect(loaded.filter((file) => packages.test(file))).toEqual([]);
	});
});

/** Source text without comments and strings, which may speak of what code must not do. */
function code(file: string): string {
	const text = readFileSync(join(root, file), 'utf8');
	return text.replace(/\/\*[\s\S]*?\*\/|\/\/.*|'(?:[^'\\\n]|\\.)*'/g, '');
}

function cycles(): readonly string[] {
	const done = new Set<string>();
	const found: string[] = [];
	for (const file of imports.keys()) walk(file, []);
	return found;

	function walk(file: string, path: readonly string[]): void {
		if (path.includes(file)) {
			found.push([...path.slice(path.indexOf(file)), file].join(' → '));
			return;
		}
		if (done.has(file)) return;
		for (const { target, own } of imports.get(file) ?? []) if (own) walk(target, [...path, file]);
		done.add(file);
	}
}
