/** Only an answer can fail to come; the operations on reviews have one output. */
export const outputs =
	'={{ $parameter["resource"] === "review" ? [{ type: "main" }] : [{ type: "main", displayName: "Success" }, { type: "main", displayName: "Escalate" }] }}' as const;
