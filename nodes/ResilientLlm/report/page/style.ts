/**
 * The colours of one scheme (light or dark). Mail programs know no CSS variables and ignore rules that they do not
 * know. So the rules with colours are written out once per scheme, and newer CSS features are used only where the
 * report is readable without them.
 */
interface Colours {
	readonly page: string;
	readonly card: string;
	readonly well: string;
	readonly ink: string;
	readonly soft: string;
	readonly line: string;
	readonly tier1: string;
	readonly tier2: string;
	readonly tier3: string;
	readonly money: string;
	readonly accent: string;
	readonly good: string;
	readonly goodWash: string;
	readonly bad: string;
	readonly badWash: string;
	readonly warn: string;
	readonly warnWash: string;
	readonly calm: string;
	readonly calmWash: string;
}

/** Exported for `bars.ts`, which also sets them as attributes, for mail programs that ignore style sheets. */
export const light: Colours = {
	page: '#f6f5f1',
	card: '#ffffff',
	well: '#eceae4',
	ink: '#1d1b26',
	soft: '#5d5a68',
	line: '#e3e0d8',
	tier1: '#4a41bd',
	tier2: '#c07d12',
	tier3: '#b8333a',
	money: '#4f7a86',
	accent: '#3f37a8',
	good: '#1c6b45',
	goodWash: '#e6f3ec',
	bad: '#a3282c',
	badWash: '#fbeceb',
	warn: '#7c4a03',
	warnWash: '#fbf1dd',
	calm: '#5d5a68',
	calmWash: '#eceae4',
};

const dark: Colours = {
	page: '#131218',
	card: '#1c1b23',
	well: '#2b2934',
	ink: '#eceaf2',
	soft: '#a9a6b6',
	line: '#302e3a',
	tier1: '#8d87ee',
	tier2: '#e3ab4c',
	tier3: '#ec7b7b',
	money: '#7fb0bd',
	accent: '#b3b0f7',
	good: '#7fd3a6',
	goodWash: '#16291f',
	bad: '#f3a09c',
	badWash: '#331b1d',
	warn: '#eec27a',
	warnWash: '#30240f',
	calm: '#a9a6b6',
	calmWash: '#2b2934',
};

const layout = `
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0; font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", Arial, sans-serif; overflow-wrap: anywhere; }
h1, h2, p, ul, dl, dd { margin: 0; padding: 0; }
ul { padding-left: 18px; }
.bar, .main, .foot { max-width: 1120px; margin: 0 auto; padding: 20px 24px 0; }
.bar svg { width: 28px; height: 28px; vertical-align: middle; margin-right: 10px; }
.bar, .eyebrow, .note, .foot, .tiles dt, .tiles small, th, caption p, .axis th { font-size: 14px; }
.bar strong, .eyebrow, h2 { font-weight: 650; }
.main { padding-top: 32px; }
.eyebrow { margin-bottom: 8px; }
h1 { font-size: 30px; line-height: 1.25; font-weight: 650; letter-spacing: -0.02em; max-width: 860px; text-wrap: balance; }
.lead { margin-top: 12px; font-size: 18px; max-width: 860px; }
.when { margin-top: 8px; }
.card { border: 1px solid; border-radius: 14px; padding: 22px 24px; margin-top: 20px; min-width: 0; }
.card h2, caption h2 { font-size: 17px; line-height: 1.4; }
.card li { margin-top: 8px; }
.mark { border-left-width: 4px; }
.tiles { margin-top: 24px; font-size: 0; }
.tiles div { display: inline-block; vertical-align: top; width: 132px; margin: 8px 20px 8px 0; line-height: 1.45; }
.tiles dd { font-size: 24px; font-weight: 650; letter-spacing: -0.01em; }
.tiles small { display: block; font-weight: 400; letter-spacing: 0; }
table { width: 100%; border-collapse: collapse; border-spacing: 0; }
caption { text-align: left; padding: 0 0 10px; }
th, td { text-align: left; padding: 9px 12px 9px 0; vertical-align: top; border-top: 1px solid; }
thead th { border-top: 0; font-weight: 500; vertical-align: bottom; }
tbody th { font-weight: 600; font-size: 15px; min-width: 104px; }
td { font-size: 15px; }
.n { text-align: right; padding-right: 0; padding-left: 12px; white-space: nowrap; font-variant-numeric: tabular-nums; }
th small, td small { display: block; font-weight: 400; font-size: 13px; }
.swatch { display: inline-block; width: 11px; height: 11px; border-radius: 3px; margin-right: 8px; }
.split { margin: 2px 0 8px; }
.split td { height: 22px; padding: 0; border: 0; font-size: 0; line-height: 0; }
.track { height: 6px; border-radius: 3px; margin-top: 5px; overflow: hidden; }
.track div { height: 6px; border-radius: 3px; }
.chart { table-layout: fixed; margin-top: 6px; }
.chart td { padding: 0 1px; border: 0; vertical-align: bottom; font-size: 0; line-height: 0; }
.chart caption { padding: 0 0 4px; }
.chart .axis th { padding: 5px 1px 0; border-top: 1px solid; font-weight: 400; white-space: nowrap; font-size: 12px; }
.chart + .chart { margin-top: 20px; }
.key { margin-top: 8px; }
.key span { white-space: nowrap; margin-right: 18px; }
.key .swatch { margin-right: 7px; }
.foot { padding-bottom: 40px; margin-top: 16px; }
@media (min-width: 960px) {
	.pair { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); column-gap: 20px; }
	.pair.wide-first { grid-template-columns: minmax(0, 7fr) minmax(0, 5fr); }
}
@media (max-width: 640px) {
	td, tbody th { padding-right: 0; }
	.bar, .main, .foot { padding-left: 16px; padding-right: 16px; }
	h1 { font-size: 24px; }
	.lead { font-size: 16px; }
	.card { padding: 18px 16px; }
	.tiles div { width: 44%; margin-right: 5%; }
	.tiles dd { font-size: 21px; }
	.spare { display: none; }
	thead th { white-space: normal; font-size: 13px; }
	tbody th { min-width: 84px; }
	.n { padding-left: 8px; }
}
`;

function coloured(colours: Colours): string {
	const {
		page,
		card,
		well,
		ink,
		soft,
		line,
		tier1,
		tier2,
		tier3,
		money,
		accent,
		good,
		goodWash,
		bad,
		badWash,
		warn,
		warnWash,
		calm,
		calmWash,
	} = colours;
	return `
body { background: ${page}; color: ${ink}; }
.bar, .lead, .note, .foot, .tiles dt, .tiles small, thead th, th small, td small, .axis th, caption p { color: ${soft}; }
.bar strong { color: ${ink}; }
.eyebrow { color: ${accent}; }
.card { background: ${card}; border-color: ${line}; }
.mark.alert { background: ${badWash}; border-color: ${bad}; }
.mark.change { border-left-color: ${accent}; }
.alert h2, .tiles .worse { color: ${bad}; }
.sign { display: inline-block; padding: 2px 12px; border-radius: 99px; font-size: 14px; font-weight: 650; margin-bottom: 12px; }
.sign.alert { background: ${badWash}; color: ${bad}; }
.sign.well { background: ${goodWash}; color: ${good}; }
.sign.worse { background: ${warnWash}; color: ${warn}; }
.sign.silent, .sign.unclear { background: ${calmWash}; color: ${calm}; }
th, td, .chart .axis th { border-color: ${line}; }
.track { background: ${well}; }
.t1 { background: ${tier1}; }
.t2 { background: ${tier2}; }
.t3 { background: ${tier3}; }
.tm { background: ${money}; }
.empty { background: ${well}; }
`;
}

export const style = `${layout}${coloured(light)}`;
export const darkStyle = `@media (prefers-color-scheme: dark) {${coloured(dark)}}`;
