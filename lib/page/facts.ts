import { type Html, html, type Part } from './html.ts';

/** A list of facts, each with its name; those without a value are left out. */
export function facts(list: readonly (readonly [title: string, value: Part])[]): Html {
  const known = list.filter(([, value]) => value !== undefined);
  return html`<dl class="facts">
${known.map(
  ([title, value]) => html`<div><dt>${title}</dt><dd>${value}</dd></div>
`,
)}</dl>`;
}
