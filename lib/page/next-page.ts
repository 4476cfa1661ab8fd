import { type Html, html } from './html.ts';

/** A link to the next page of a list; nothing on the last one. */
export function nextPage(address: string | undefined): Html | undefined {
  return address === undefined ? undefined : html`<p><a rel="next" href="${address}">Next page</a></p>`;
}
