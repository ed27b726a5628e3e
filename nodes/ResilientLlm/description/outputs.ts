/** Only an answer can fail to come; the operations on reviews and reports have one output. */
export const outputs =
	'={{ ["review", "report"].includes($parameter["resource"]) ? [{ type: "main" }] : [{ type: "main", displayName: "Success" }, { type: "main", displayName: "Escalate" }] }}' as const;
