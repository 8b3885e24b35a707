import { Api, isToken, Problem } from '../api.ts';
import { h, listen } from '../dom.ts';
import { problemBox } from './parts.ts';

export interface SignInOptions {
  base: string;
  /** Why the reader is here again. */
  reason?: string | undefined;
  done(token: string): void;
}

/** Asks for a token and tries it before it is kept. */
export function signIn({ base, reason, done }: SignInOptions): HTMLElement {
  const said = h('div', { id: 'sign-in-problem', 'aria-live': 'assertive' });
  const input = h('input', {
    id: 'token',
    name: 'token',
    type: 'password',
    autocomplete: 'off',
    autocapitalize: 'off',
    spellcheck: 'false',
    required: true,
    'aria-describedby': 'token-help sign-in-problem',
  });
  const submit = h('button', { class: 'primary' }, 'Sign in');
  const refuse = (error: unknown) => {
    said.replaceChildren(problemBox(error));
    input.setAttribute('aria-invalid', 'true');
    input.focus();
  };
  const form = h(
    'form',
    { class: 'card sign-in', novalidate: true },
    h('h1', { tabindex: -1 }, 'Sign in'),
    reason === undefined ? null : h('p', { role: 'status' }, reason),
    h('label', { for: 'token' }, 'Token'),
    input,
    h(
      'p',
      { class: 'help', id: 'token-help' },
      'Make one with ',
      h('code', {}, 'npx arboleda token create --role operator --name me'),
      '; the admin token of a local stack is printed by ',
      h('code', {}, 'npx arboleda token show'),
      '. It is kept in this tab alone, until you close it.',
    ),
    said,
    submit,
  );
  listen(form, 'submit', async (event) => {
    event.preventDefault();
    const token = input.value.trim();
    if (!isToken(token)) return refuse(new Problem(400, NO_TOKEN));
    submit.disabled = true;
    try {
      await tryToken(base, token);
      done(token);
    } catch (error) {
      refuse(error instanceof Problem && error.status === 401 ? new Problem(401, WRONG) : error);
    } finally {
      submit.disabled = false;
    }
  });
  return form;
}

const NO_TOKEN = {
  code: 'NO_TOKEN',
  message: 'This is not a token.',
  remedy: 'Paste the whole line, without spaces or quotes.',
};
const WRONG = {
  code: 'UNAUTHENTICATED',
  message: 'This token is unknown, revoked or expired.',
  remedy: 'Check that you pasted all of it, and that it belongs to this stack.',
};

/** A role that may not read is still a caller: it may predict. */
async function tryToken(base: string, token: string): Promise<void> {
  try {
    await new Api({ base, token }).get('/runs', { limit: 1 });
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 403) throw error;
  }
}
