import { useEffect, useRef, useState } from 'preact/hooks';
import { isToken, Problem } from '../lib/api.ts';
import { Button } from '../parts/button.tsx';
import { ErrorBox } from '../parts/states.tsx';
import { Trees } from './brand.tsx';
import { References } from './connect.tsx';
import { signedOutBecause, signIn } from './session.ts';

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

/** Asks for a token and tries it before it is kept. */
export function SignIn() {
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = 'Sign in · Arboleda';
    heading.current?.focus();
  }, []);
  const refuse = (reason: unknown) => {
    setError(reason);
    input.current?.focus();
  };
  const submit = async (event: Event) => {
    event.preventDefault();
    const token = input.current?.value.trim() ?? '';
    if (!isToken(token)) return refuse(new Problem(400, NO_TOKEN));
    setBusy(true);
    try {
      await signIn(token);
    } catch (reason) {
      setBusy(false);
      refuse(reason instanceof Problem && reason.status === 401 ? new Problem(401, WRONG) : reason);
    }
  };
  return (
    <main id="main" class="sign-in-page">
      <p class="brand">
        <Trees />
        <span>Arboleda</span>
      </p>
      <form class="card sign-in" noValidate onSubmit={submit}>
        <h1 tabIndex={-1} ref={heading}>
          Sign in
        </h1>
        {signedOutBecause.value === '' ? null : <p role="status">{signedOutBecause}</p>}
        <label for="token">Token</label>
        <input
          ref={input}
          id="token"
          name="token"
          type="password"
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          required
          aria-invalid={error === undefined ? undefined : true}
          aria-describedby="token-help sign-in-problem"
        />
        <div class="help" id="token-help">
          <p>It is kept in this tab alone, until you close it. Make one with</p>
          <code>npx arboleda token create --role operator --name me</code>
          <p>The admin token of a local stack is printed by</p>
          <code>npx arboleda token show</code>
        </div>
        <div id="sign-in-problem">{error === undefined ? null : <ErrorBox error={error} />}</div>
        <Button type="submit" kind="primary" busy={busy} busyText="Signing in …">
          Sign in
        </Button>
      </form>
      <References />
    </main>
  );
}
