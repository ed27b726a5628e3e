import { providerLabels } from '../providers/vendors';

// The canvas cuts a subtitle after some thirty letters.
const labels = JSON.stringify({ ...providerLabels, gemini: 'Gemini' });

/**
 * Shows the order on the canvas: "Anthropic → OpenAI → Gemini", or what is done with reviews and reports. A provider
 * given as an expression shows as "…".
 */
export const subtitle = `={{ ["review", "report"].includes($parameter["resource"]) ? $parameter["operation"] + ": " + $parameter["resource"] : ($parameter["providerOrder"].step || []).map((step) => (${labels})[step.provider] || "…").join(" → ") }}`;
