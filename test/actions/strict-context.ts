/** A stand-in for one of n8n's contexts that fails the test as soon as something undeclared is touched. */
export function strictContext<Context extends object>(declared: Partial<Context>): Context {
	return new Proxy(declared, {
		get(target, name) {
			if (typeof name === 'symbol' || name in target) return Reflect.get(target, name) as unknown;
			throw new Error(`The code under test touched "${name}", which this test does not declare`);
		},
	}) as Context;
}
