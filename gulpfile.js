'use strict';

const { src, dest } = require('gulp');

/** Copies what tsc leaves behind, icons and codex files, into dist under their own paths. */
function buildIcons() {
	return src(['nodes/**/*.{svg,png}', 'nodes/**/*.node.json', 'credentials/**/*.{svg,png}'], {
		base: '.',
		encoding: false,
	}).pipe(dest('dist'));
}

exports['build:icons'] = buildIcons;
