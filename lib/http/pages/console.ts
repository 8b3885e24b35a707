import { clientSettings, exportLines } from '../mlflow/client-settings.ts';

/** What the page is put together from; `script` and `style` are compiled from console/ when the function is bundled. */
export interface ConsoleOptions {
  script: string;
  style: string;
  version: string;
  exampleRow: Record<string, unknown>;
}

/**
 * The page at `/`: public, and empty until a reader has given a token. It is one document without files of its own, so
 * that it needs to know no address before its script runs: behind a stage prefix `/v1` and `/v1/` are the same page,
 * and a relative address would be right in one of them only.
 *
 * @throws Error where script or style would end their own element
 */
export function consoleHtml({ script, style, version, exampleRow }: ConsoleOptions): string {
  if (/<\/script/i.test(script) || /<\/style/i.test(style)) throw new Error('the page would end too early');
  const settings = { version, exampleRow, mlflow: exportLines(clientSettings('$API', '$TOKEN')) };
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Arboleda</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<div id="app"><noscript><p>This page needs JavaScript. The API needs none: its document is <code>openapi.json</code> beside this page.</p></noscript></div>
<script type="module">${script}</script>
<script type="application/json" id="settings">${jsonInHtml(settings)}</script>
</body>
</html>
`;
}

/** JSON whose text cannot end its element, nor begin another. */
const jsonInHtml = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c');
