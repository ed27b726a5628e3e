/** Completions have a Success and an Escalate output; operations on reviews and reports have a single output. */
export const outputs =
	'={{ ["review", "report"].includes($parameter["resource"]) ? [{ type: "main" }] : [{ type: "main", displayName: "Success" }, { type: "main", displayName: "Escalate" }] }}' as const;
