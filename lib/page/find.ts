import { PATHS, roomAddress, taskAddress } from './address.ts';
import { name, ownerText, table } from './elements.ts';
import { type Html, html } from './html.ts';
import type { Found } from './reads.ts';

/** A form that leads to the page of a task or a room, of whichever app; `id` is what it was last asked for. */
export function findForm(id = ''): Html {
  return html`<form class="find" role="search" action="${PATHS.find}" method="get">
<input type="search" name="id" value="${id}" aria-label="Task or room id" placeholder="Task or room id" required autocomplete="off" spellcheck="false" autocapitalize="none">
<button>Find</button>
</form>`;
}

/** The page of a task or room. */
export function addressOfFound({ resource, owner }: Found, id: string): string {
  return resource === 'task' ? taskAddress(owner, id) : roomAddress(owner, id);
}

/** Several tasks and rooms that have one id, to choose from. */
export function foundView(found: readonly Found[], id: string): Html {
  return html`<h1><span class="what">Found</span> ${name(id)}</h1>
<section aria-label="Tasks and rooms">
${table<Found>({
  caption: 'Tasks and rooms with this id',
  rows: found,
  keyOf: ({ resource, owner }) => JSON.stringify([resource, owner.vendor, owner.appId]),
  columns: [
    {
      title: 'What',
      cell: (one) => html`<a href="${addressOfFound(one, id)}">${one.resource} of ${one.owner.vendor}</a>`,
    },
    { title: 'App', cell: ({ owner }) => ownerText(owner) },
  ],
})}
</section>`;
}
