import type { OpenAI } from 'openai';

import type { ToolChoice } from '../../engine/conversation';
import type { CompletionRequest } from '../../engine/request';
import { distinctTools } from '../conversation/tool-names';
import { turnsOf } from '../conversation/turns';
import { wellFormed } from '../conversation/well-formed';
import { messagesOf, type MessageDialect } from './messages';
import { instructionsOf, jsonFormatOf, takes, warningsOf, type JsonFormat, type LeftOut } from './parameters';
import { functionOf, sentName } from './tools';

type ChatRequest = OpenAI.Chat.Completions.ChatCompletionCreateParamsNonStreaming;

/** How servers with OpenAI's chat completions differ. */
export interface ChatDialect extends MessageDialect {
	/** Whether a stream includes the token usage only if asked to. */
	readonly usageInStreams: 'asked' | 'always';
	readonly maxTokens: 'max_tokens' | 'max_completion_tokens';
	readonly systemRole: 'developer' | 'system';
	readonly leaveOut: LeftOut;
	/** Whether JSON is also asked for in words, because the server may ignore `response_format`. */
	readonly alwaysInWords: boolean;
	/** Whether `response_format` may be sent together with tools. */
	readonly formatBesideTools: boolean;
}

export interface ChatCall {
	readonly body: ChatRequest;
	readonly warnings: readonly string[];
}

/** Builds a call of `POST /chat/completions`. */
export function toChatCall(request: CompletionRequest, dialect: ChatDialect): ChatCall {
	const { content, settings, dropped } = request;
	const { temperature, reasoningEffort } = settings;
	const { leaveOut, systemRole } = dialect;
	const mayFormat = takes(request, leaveOut, 'outputFormat') && (dialect.formatBesideTools || !content.tools.length);
	const format = mayFormat ? jsonFormatOf(request) : undefined;
	const system = instructionsOf(request, format, dialect.alwaysInWords);
	const otherName = dialect.maxTokens === 'max_tokens' ? 'max_completion_tokens' : 'max_tokens';
	const maxTokens = dropped.includes('maxOutputTokens') ? otherName : dialect.maxTokens;
	const effort = takes(request, leaveOut, 'reasoningEffort') ? reasoningEffort : undefined;
	return {
		body: wellFormed({
			model: settings.model,
			messages: [
				...(system === '' ? [] : [{ role: systemRole, content: system }]),
				...messagesOf(turnsOf(content.messages), dialect),
			],
			[maxTokens]: settings.maxOutputTokens,
			...(temperature !== undefined && takes(request, leaveOut, 'temperature') && { temperature }),
			...(effort !== undefined && { reasoning_effort: effort }),
			...(format !== undefined && { response_format: responseFormat(format) }),
			...(content.tools.length > 0 && {
				tools: distinctTools(content.tools).map((tool) => ({ type: 'function' as const, function: functionOf(tool) })),
				...choiceOf(content.toolChoice),
			}),
		}),
		warnings: warningsOf(request, leaveOut),
	};
}

function responseFormat(format: JsonFormat): NonNullable<ChatRequest['response_format']> {
	if (format.type === 'json_object') return format;
	const { type, ...schema } = format;
	return { type, json_schema: schema };
}

/** `auto` is every server's default, so it is not sent. */
function choiceOf(choice: ToolChoice): Pick<ChatRequest, 'tool_choice'> {
	switch (choice.kind) {
		case 'auto':
			return {};
		case 'tool':
			return { tool_choice: { type: 'function', function: { name: sentName(choice.name) } } };
		default:
			return { tool_choice: choice.kind };
	}
}
