import { allText, questions, resultsSinceQuestion, type Conversation } from './conversation.ts';
import { calls, says, type Reply, type ToolCall } from './reply.ts';

/** What a simulated model says next: from the conversation alone, so that any vendor can go on with it. */
export interface Script {
	readonly question: string;
	/** What the model ends with when all goes well. */
	readonly answer: string;
	/** The one call of a tool that the script needs. */
	readonly call?: ToolCall;
	readonly next: (asked: Conversation) => Reply;
}

/** Six times seven by n8n's Calculator. */
export const calculating: Script = toolLoop('What is 6*7? Use the calculator.', 'The result is 42.', /calculator/i, {
	input: '6*7',
});

/** A call that acts: money is booked by the tool that writes. */
export const booking: Script = toolLoop('Book 42 to the account savings.', 'I booked 42 to savings.', /book/i, {
	amount: 42,
	account: 'savings',
});

/** Nothing but an answer. */
export const answering: Script = {
	question: 'What is 6*7?',
	answer: 'The result is 42.',
	next: () => says('The result is 42.'),
};

/** Asks for the tool, again when the result holds no number (an error, that is), and answers with the number it got. */
function toolLoop(question: string, answer: string, tool: RegExp, toolArguments: object): Script {
	const patience = 5;
	return {
		question,
		answer,
		call: { name: tool.source, arguments: JSON.stringify(toolArguments) },
		next: (asked) => {
			const results = resultsSinceQuestion(asked);
			const number = results.map(numberIn).findLast((found) => found !== undefined);
			if (number !== undefined) return says(answer.replace('42', number));
			const name = asked.tools.find((offered) => tool.test(offered));
			return name === undefined || results.length >= patience
				? says('I could not do that.')
				: calls(name, toolArguments);
		},
	};
}

function numberIn(result: string): string | undefined {
	return /error|invalid|did not match/i.test(result) ? undefined : /-?\d+(\.\d+)?/.exec(result)?.[0];
}

/** A call of the tool that writes, for faults that are about calls, where the script would only answer. */
export function spareCall(asked: Conversation): ToolCall {
	const name = asked.tools.find((offered) => /book/i.test(offered)) ?? asked.tools[0] ?? 'book';
	return { name, arguments: JSON.stringify({ amount: 42, account: 'savings' }) };
}

/** Says what it was asked first: who has no memory knows nothing before the last question. */
export const remembering: Script = {
	question: 'What was the first thing I said?',
	answer: 'You said: My name is Ada.',
	next: (asked) => says(`You said: ${questions(asked)[0] ?? 'nothing'}`),
};

/** JSON as n8n's extractor, classifier and parser ask for it; `firstTry` until the model is shown what is wrong. */
export function structured(question: string, value: object, firstTry?: string): Script {
	const answer = JSON.stringify(value);
	return {
		question,
		answer,
		next: (asked) => {
			const tool = asked.tools.find((name) => /format_final/.test(name));
			if (tool !== undefined && firstTry === undefined) return calls(tool, value);
			return says(firstTry === undefined || isRepair(asked) ? answer : firstTry);
		},
	};
}

/** n8n's auto-fixing parser shows the model what it said and what was wrong with it. */
function isRepair(asked: Conversation): boolean {
	return /did not satisfy the constraints|Completion:/.test(allText(asked));
}
