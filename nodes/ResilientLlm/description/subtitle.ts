import { providerLabels } from '../providers';

// The canvas cuts a subtitle after some thirty letters.
const labels = JSON.stringify({ ...providerLabels, gemini: 'Gemini' });

/**
 * Shows the order on the canvas: "Anthropic → OpenAI → Gemini", or what is done with reviews. A provider given as an
 * expression shows as "…".
 */
export const subtitle = `={{ $parameter["resource"] === "review" ? $parameter["operation"] + ": review" : ($parameter["providerOrder"].step || []).map((step) => (${labels})[step.provider] || "…").join(" → ") }}`;
