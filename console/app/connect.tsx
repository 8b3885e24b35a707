import { Dialog } from '../parts/dialog.tsx';
import { base, readSettings } from './settings.ts';

/** Pages beside the console that need no token. */
export function References() {
  return (
    <nav class="references" aria-label="Reference">
      <a href={`${base}/docs`}>Documentation</a>
      <a href={`${base}/openapi.json`}>openapi.json</a>
      <a href={`${base}/health`}>Health</a>
    </nav>
  );
}

/** How a shell, a program and MLflow's client reach the same API. */
export function Connect({ onClose }: { onClose: () => void }) {
  const { version, exampleRow, mlflow } = readSettings();
  const predict = [
    `curl ${base}/predict \\`,
    '  -H "Authorization: Bearer $TOKEN" \\',
    '  -H "Content-Type: application/json" \\',
    `  -d '${JSON.stringify(exampleRow)}'`,
  ].join('\n');
  return (
    <Dialog title="Connect" onClose={onClose} wide>
      <div class="dialog-body">
        <h3>From the command line</h3>
        <pre tabIndex={0}>
          <code>{`curl ${base}/health`}</code>
        </pre>
        <pre tabIndex={0}>
          <code>{predict}</code>
        </pre>
        <h3>From MLflow's client</h3>
        <pre tabIndex={0}>
          <code>{mlflow.replaceAll('$API', base)}</code>
        </pre>
        <References />
        <p class="quiet">
          Arboleda {version}. Tokens: <code>npx arboleda token create</code>
        </p>
      </div>
    </Dialog>
  );
}
