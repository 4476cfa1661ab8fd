import { PATHS } from './address.ts';
import { type Html, html } from './html.ts';

/** The form that asks for the token; `to` is where it leads, `problem` why the last try did not. */
export function loginView(to: string, problem: string | undefined): Html {
  return html`<h1>Sign in</h1>
<form class="login" action="${PATHS.login}" method="post">
<input type="hidden" name="to" value="${to}">
<label>Token <input name="token" type="password" required autocomplete="current-password"${
    problem !== undefined && html` aria-describedby="problem" aria-invalid="true"`
  }></label>
<button>Sign in</button>
</form>
${problem !== undefined && html`<p id="problem" class="problem" role="alert">${problem}</p>`}
<p class="muted">The token is the value of the parameter that the deployment names.</p>`;
}

/** Ends the session; for the header. */
export function logoutForm(): Html {
  return html`<form action="${PATHS.logout}" method="post"><button class="quiet">Sign out</button></form>`;
}
