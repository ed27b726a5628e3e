/** As many as a list in the editor can show, and the most that Anthropic and Gemini put on one page. */
export const maxListedModels = 1000;
