import { type Html, html, type Part } from './html.ts';

/** A part of the page with its heading. */
export interface SectionOptions {
  /** Where a link can jump to. */
  id: string;
  title: string;
  /** What stands beside the heading. */
  aside?: Part;
  body: Part;
}

/** A part of the page that assistive technology lists by its heading. */
export function section({ id, title, aside, body }: SectionOptions): Html {
  return html`<section id="${id}" aria-labelledby="${id}-title">
<div class="heading"><h2 id="${id}-title">${title}</h2>${aside}</div>
${body}
</section>`;
}
