/** The most models that n8n's editor can show in a list, and the largest page size of Anthropic and Gemini. */
export const maxListedModels = 1000;
