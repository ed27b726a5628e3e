import type { Peers } from '../peers/install.ts';
import type { Provider } from '../provider/provider.ts';
import type { ScenarioResult } from '../report/result.ts';

export interface Bench {
	readonly provider: Provider;
	readonly peers: Peers;
	/** Few rounds: only to see that it works. */
	readonly quick: boolean;
	/** Says how far it is. */
	readonly progress: (text: string) => void;
}

export type Scenario = (bench: Bench) => Promise<ScenarioResult>;
