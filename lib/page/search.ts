import { VENDORS } from '../callback/callback.ts';
import { PATHS } from './address.ts';
import { type Html, html } from './html.ts';

/** What the form was last asked for. */
export interface Searched {
  vendor?: string | undefined;
  appId?: string | undefined;
  id?: string | undefined;
}

/** A form that leads to the page of a task or a room. */
export function searchForm({ vendor, appId, id }: Searched = {}): Html {
  const options = VENDORS.map((name) => html`<option${name === vendor && html` selected`}>${name}</option>`);
  return html`<form class="search" role="search" action="${PATHS.task}" method="get" aria-label="Find a task or a room">
<label>Vendor <select name="vendor">${options}</select></label>
<label>App id <input name="appId" value="${appId ?? ''}" required autocomplete="off" spellcheck="false"></label>
<label>Task or room id <input name="id" value="${id ?? ''}" required autocomplete="off" spellcheck="false"></label>
<span class="buttons"><button>Open task</button> <button formaction="${PATHS.room}">Open room</button></span>
</form>`;
}
