import { base } from '../../app/settings.ts';
import { Button, toast } from '../../parts/index.ts';
import { type CurlOptions, curlText } from './curl.ts';

/** The command that asks what the form asks, as it stands. */
export function Curl(options: Omit<CurlOptions, 'base'>) {
  const text = curlText({ base, ...options });
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    toast('Copied', 'Set TOKEN in your shell: the command holds none.');
  };
  return (
    <section class="card curl" aria-label="The same from a shell">
      <div class="line">
        <h2>The same from a shell</h2>
        {/* Absent where the page is not served safely: the text can be marked. */}
        {navigator.clipboard === undefined ? null : (
          <Button kind="quiet" onClick={copy}>
            Copy
          </Button>
        )}
      </div>
      <pre tabIndex={0}>
        <code>{text}</code>
      </pre>
    </section>
  );
}
