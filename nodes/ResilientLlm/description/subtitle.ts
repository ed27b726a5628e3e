import { providerIds, vendors } from '../providers/vendors';

// Short labels, because the canvas cuts off a subtitle after about 30 characters.
const labels = JSON.stringify({
	...Object.fromEntries(providerIds.map((id) => [id, vendors[id].label])),
	gemini: 'Gemini',
});

const order = `($parameter["providerOrder"].step || []).map((step) => (${labels})[step.provider] || "…").join(" → ")`;

/**
 * Shows the provider order on the canvas: "Anthropic → OpenAI → Gemini". A provider set by an expression is shown as
 * "…".
 */
export const orderSubtitle = `={{ ${order} }}`;

/** The provider order, or the operation for reviews and reports. */
export const subtitle = `={{ ["review", "report"].includes($parameter["resource"]) ? $parameter["operation"] + ": " + $parameter["resource"] : ${order} }}`;
