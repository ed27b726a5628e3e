import { providerIds, vendors } from '../providers/vendors';

// The canvas cuts a subtitle after some thirty letters.
const labels = JSON.stringify({
	...Object.fromEntries(providerIds.map((id) => [id, vendors[id].label])),
	gemini: 'Gemini',
});

const order = `($parameter["providerOrder"].step || []).map((step) => (${labels})[step.provider] || "…").join(" → ")`;

/** Shows the order on the canvas: "Anthropic → OpenAI → Gemini". A provider given as an expression shows as "…". */
export const orderSubtitle = `={{ ${order} }}`;

/** The same, or what is done with reviews and reports. */
export const subtitle = `={{ ["review", "report"].includes($parameter["resource"]) ? $parameter["operation"] + ": " + $parameter["resource"] : ${order} }}`;
