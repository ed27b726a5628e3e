// n8n needs Node 24, and so does running TypeScript as it is. npm scripts get it from this package's devDependency
// `node`.
if (Number(process.versions.node.split('.')[0]) < 24) {
	process.stderr.write(
		`This runs on Node 24, not ${process.versions.node}. Use "npm start" or "npm run demo", which bring it along.\n`,
	);
	process.exit(1);
}
