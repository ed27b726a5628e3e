import { createHash } from 'node:crypto';

/** The complete style sheet of the pages. System fonts and no pictures, so that nothing has to be loaded. */
export const style = `
:root {
	color-scheme: light dark;
	--page: #f6f5f1;
	--card: #ffffff;
	--well: #faf9f6;
	--ink: #1d1b26;
	--soft: #5d5a68;
	--line: #e3e0d8;
	--edge: #86828f;
	--accent: #3f37a8;
	--accent-strong: #322b8c;
	--accent-wash: #eeedf9;
	--on-accent: #ffffff;
	--good: #1c6b45;
	--good-wash: #e6f3ec;
	--bad: #a3282c;
	--bad-wash: #fbeceb;
	--warn: #7c4a03;
	--warn-wash: #fbf1dd;
	--shadow: 0 1px 2px rgb(29 27 38 / 0.05), 0 8px 24px -12px rgb(29 27 38 / 0.12);
	--mono: ui-monospace, "SF Mono", "Cascadia Code", "JetBrains Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
	:root {
		--page: #131218;
		--card: #1c1b23;
		--well: #16151c;
		--ink: #eceaf2;
		--soft: #a9a6b6;
		--line: #302e3a;
		--edge: #7f7b8f;
		--accent: #b3b0f7;
		--accent-strong: #cbc9fb;
		--accent-wash: #27253d;
		--on-accent: #16142b;
		--good: #7fd3a6;
		--good-wash: #16291f;
		--bad: #f3a09c;
		--bad-wash: #331b1d;
		--warn: #eec27a;
		--warn-wash: #30240f;
		--shadow: 0 1px 2px rgb(0 0 0 / 0.4);
	}
}
*, *::before, *::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; scroll-padding-top: 1rem; }
body {
	margin: 0;
	background: var(--page);
	color: var(--ink);
	font: 1rem/1.6 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", Arial, sans-serif;
	overflow-wrap: anywhere;
}
h1, h2, h3, p, ol, ul, dl, dd, pre, fieldset { margin: 0; padding: 0; }
ol, ul { list-style: none; }
fieldset { border: 0; min-width: 0; }
h1 { font-size: clamp(1.6rem, 1.2rem + 2vw, 2.25rem); line-height: 1.2; font-weight: 650; letter-spacing: -0.02em; text-wrap: balance; }
h2 { font-size: 1.0625rem; line-height: 1.4; font-weight: 650; letter-spacing: -0.005em; }
a { color: var(--accent); text-underline-offset: 0.2em; }
code { font-family: var(--mono); font-size: 0.875em; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 6px; }
.skip { position: absolute; left: 1rem; top: -6rem; z-index: 1; padding: 0.6rem 1rem; border-radius: 8px; background: var(--accent); color: var(--on-accent); }
.skip:focus { top: 1rem; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

.bar { max-width: 76rem; margin: 0 auto; padding: 1.25rem clamp(1.125rem, 4vw, 2.5rem) 0; display: flex; align-items: center; gap: 0.625rem; color: var(--soft); font-size: 0.875rem; }
.bar svg { width: 1.75rem; height: 1.75rem; flex: none; }
.bar strong { color: var(--ink); font-weight: 600; }
main { max-width: 76rem; margin: 0 auto; padding: clamp(1.5rem, 4vw, 2.75rem) clamp(1.125rem, 4vw, 2.5rem) 4rem; }
footer { max-width: 76rem; margin: 0 auto; padding: 0 clamp(1.125rem, 4vw, 2.5rem) 3rem; color: var(--soft); font-size: 0.8125rem; }
footer dl { display: flex; flex-wrap: wrap; gap: 0.25rem 1.5rem; border-top: 1px solid var(--line); padding-top: 1.25rem; }
footer div { display: flex; flex-wrap: wrap; gap: 0 0.4rem; }
footer dd { color: var(--ink); }

.intro { max-width: 46rem; }
.eyebrow { color: var(--accent); font-size: 0.875rem; font-weight: 600; margin-bottom: 0.5rem; }
.reason { margin-top: 0.875rem; font-size: 1.125rem; line-height: 1.55; color: var(--soft); }
.facts { display: flex; flex-wrap: wrap; gap: 0.875rem 2.25rem; margin-top: 1.5rem; }
.facts dt { color: var(--soft); font-size: 0.8125rem; }
.facts dd { font-weight: 550; }
.facts small { display: block; font-weight: 400; font-size: 0.8125rem; color: var(--soft); }
.overdue dd { color: var(--warn); }
.jump { display: inline-block; margin-top: 1.5rem; font-weight: 600; }

.columns { margin-top: clamp(1.75rem, 4vw, 2.5rem); display: grid; grid-template-columns: minmax(0, 1fr); gap: 1.25rem; align-items: start; }
.stack { display: grid; gap: 1.25rem; min-width: 0; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 14px; padding: clamp(1.125rem, 3vw, 1.625rem); box-shadow: var(--shadow); min-width: 0; }
.card > h2 + * { margin-top: 0.875rem; }
.note { color: var(--soft); font-size: 0.875rem; line-height: 1.5; }
.text {
	max-height: 24rem; overflow: auto; padding: 0.875rem 1rem;
	background: var(--well); border: 1px solid var(--line); border-radius: 10px;
	font: inherit; white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: isolate;
}
.text.data { font: 0.8125rem/1.6 var(--mono); tab-size: 2; }
.text.draft { border-color: transparent; border-left: 3px solid var(--accent); border-radius: 0 10px 10px 0; background: var(--accent-wash); }
.caution { color: var(--warn); font-size: 0.875rem; line-height: 1.5; }
.text + .caution, .text + .note, .note + .text { margin-top: 0.625rem; }
details { border-top: 1px solid var(--line); margin-top: 1rem; padding-top: 0.75rem; }
.card > details:first-child { border-top: 0; margin-top: 0; padding-top: 0; }
summary { cursor: pointer; padding: 0.25rem 0; font-weight: 600; font-size: 0.9375rem; border-radius: 6px; }
.card > details:first-child > summary { font-size: 1.0625rem; font-weight: 650; padding: 0; }
summary .note { font-weight: 400; }
details > :not(summary) { margin-top: 0.625rem; }

.trail { position: relative; }
.trail li { position: relative; padding: 0 0 1.25rem 1.875rem; }
.trail li:last-child { padding-bottom: 0; }
.trail li::before { content: ""; position: absolute; left: 0.3125rem; top: 0.4375rem; width: 0.6875rem; height: 0.6875rem; border-radius: 50%; border: 2px solid var(--bad); background: var(--card); }
.trail li:not(:last-child)::after { content: ""; position: absolute; left: 0.625rem; top: 1.375rem; bottom: -0.25rem; width: 1px; background: var(--line); }
.trail .answered::before { border-color: var(--good); background: var(--good); }
.trail .skipped::before { border-color: var(--edge); }
.trail .step { padding-left: 0; color: var(--soft); font-size: 0.8125rem; font-weight: 600; }
.trail p { line-height: 1.5; }
.trail .who { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0.125rem 0.625rem; }
.trail .who strong { font-weight: 600; }
.trail .who code { color: var(--soft); }
.tag { font-size: 0.8125rem; font-weight: 600; padding: 0.0625rem 0.5rem; border-radius: 99px; background: var(--bad-wash); color: var(--bad); }
.answered .tag { background: var(--good-wash); color: var(--good); }
.skipped .tag { background: var(--well); color: var(--soft); box-shadow: inset 0 0 0 1px var(--line); }
.trail .said { font-size: 0.9375rem; }

form { display: grid; grid-template-columns: minmax(0, 1fr); gap: 1.375rem; }
legend, .label { display: block; padding: 0; font-weight: 650; }
.label { font-size: 0.9375rem; font-weight: 600; }
legend { font-size: 1.0625rem; margin-bottom: 0.75rem; }
.optional { font-weight: 400; color: var(--soft); }
.hint { display: block; color: var(--soft); font-size: 0.875rem; line-height: 1.45; }
input[type="text"], textarea {
	display: block; width: 100%; margin-top: 0.375rem; padding: 0.625rem 0.75rem;
	background: var(--card); color: var(--ink); border: 1px solid var(--edge); border-radius: 9px; font: inherit;
}
textarea { min-height: 5.5rem; max-height: 70vh; resize: vertical; field-sizing: content; line-height: 1.5; }
textarea.long { min-height: 11rem; }
textarea.data { font: 0.875rem/1.6 var(--mono); tab-size: 2; }
input[type="text"]:focus-visible, textarea:focus-visible { outline-offset: 0; border-color: var(--accent); border-radius: 9px; }
[aria-invalid="true"] { border-color: var(--bad); box-shadow: inset 0 0 0 1px var(--bad); }
.choices { display: grid; grid-template-columns: minmax(0, 1fr); gap: 0.5rem; }
.choice { position: relative; min-width: 0; border: 1px solid var(--line); border-radius: 11px; background: var(--card); }
.choice > input { position: absolute; left: 0.9375rem; top: 1rem; width: 1.125rem; height: 1.125rem; margin: 0; accent-color: var(--accent); }
.choice > label { display: block; padding: 0.75rem 0.9375rem 0.75rem 2.75rem; cursor: pointer; border-radius: 10px; }
.choice > label > strong { display: block; font-weight: 600; }
.choice:hover { border-color: var(--edge); }
.choice:has(> input:checked) { border-color: var(--accent); box-shadow: 0 0 0 1px var(--accent); background: var(--accent-wash); }
.choice:has(> input:focus-visible) { outline: 3px solid var(--accent); outline-offset: 2px; }
.choice > input:focus-visible { outline: none; }
.choice > .more { display: none; padding: 0 0.9375rem 0.9375rem; }
.choice > input:checked ~ .more { display: block; }
button {
	justify-self: start; padding: 0.75rem 1.5rem; border: 0; border-radius: 10px; background: var(--accent); color: var(--on-accent);
	font: inherit; font-weight: 600; cursor: pointer; min-height: 2.875rem;
}
button:hover { background: var(--accent-strong); }
.problems { border-radius: 10px; padding: 0.875rem 1rem; background: var(--bad-wash); color: var(--bad); border: 1px solid currentColor; }
.problems h3 { font-size: 0.9375rem; font-weight: 650; }
.problems li { margin-top: 0.25rem; font-size: 0.9375rem; line-height: 1.45; }
.problems a { color: inherit; }
.problem { margin-top: 0.375rem; color: var(--bad); font-size: 0.875rem; line-height: 1.45; }
.problem p + p { margin-top: 0.25rem; }
.more summary { font-weight: 500; font-size: 0.875rem; }

.notice { max-width: 40rem; margin: clamp(1rem, 6vh, 4rem) auto 0; }
.sign { display: inline-grid; place-items: center; width: 3rem; height: 3rem; border-radius: 50%; margin-bottom: 1.25rem; background: var(--accent-wash); color: var(--accent); }
.sign svg { width: 1.5rem; height: 1.5rem; }
.sign.good { background: var(--good-wash); color: var(--good); }
.sign.warn { background: var(--warn-wash); color: var(--warn); }
.notice .reason { margin-bottom: 1.75rem; }
.notice .card + .card { margin-top: 1.25rem; }
.outcome { display: grid; gap: 0.875rem; }
.outcome dt { color: var(--soft); font-size: 0.8125rem; }
.outcome dd { font-weight: 550; }
.outcome .text { font-weight: 400; margin-top: 0.25rem; }

@media (min-width: 64rem) {
	.columns { grid-template-columns: minmax(0, 1fr) 29rem; gap: 1.5rem; }
	.jump { display: none; }
}
@media (min-width: 64rem) and (min-height: 60rem) {
	.columns > .decide { position: sticky; top: 1.5rem; }
}
@media (max-width: 40rem) {
	.facts { display: grid; grid-template-columns: 1fr 1fr; gap: 1.125rem 1.25rem; }
	button { justify-self: stretch; }
}
@media (prefers-reduced-motion: no-preference) {
	html { scroll-behavior: smooth; }
	.choice, button { transition: background-color 120ms ease, border-color 120ms ease, box-shadow 120ms ease; }
}
@media (forced-colors: active) {
	.choice:has(> input:checked) { outline: 2px solid; }
}
`;

/** The hash with which the Content-Security-Policy allows this style sheet and no other. */
export const styleHash = `'sha256-${createHash('sha256').update(style).digest('base64')}'`;
