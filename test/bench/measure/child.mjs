// Runs one measurement in a process of its own: node measure/child.mjs <module> <input as JSON>. Its result goes to the
// parent.
const { default: measure } = await import(process.argv[2]);

process.send(await measure(JSON.parse(process.argv[3])), () => process.exit());
