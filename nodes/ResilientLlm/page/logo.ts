import { html } from './html';

export const logo = html`<svg viewBox="0 0 60 60" fill="none" aria-hidden="true" focusable="false">
<path d="M30 3.5 51 11v17.5C51 42 42.5 51.5 30 56.5 17.5 51.5 9 42 9 28.5V11z" fill="#3730A3"/>
<path d="M17 34h6.5" stroke="#fff" stroke-width="4" stroke-linecap="round"/>
<path d="m27 31 6 6m0-6-6 6" stroke="#fff" stroke-width="3.5" stroke-linecap="round"/>
<path d="M17 27C19.5 16.5 35 14 41 25.5m2.500-7-1.800 8.300-8.200-1.600" stroke="#FBBF24" stroke-width="4" stroke-linecap="round" stroke-linejoin="round"/>
<circle cx="43" cy="34" r="3.5" fill="#FBBF24"/>
</svg>`;
