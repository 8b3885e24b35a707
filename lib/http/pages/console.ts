import { clientSettings, exportLines } from '../mlflow/client-settings.ts';

/** What the page is put together from; `script` and `style` are compiled from console/ when the function is bundled. */
export interface ConsoleOptions {
  script: string;
  style: string;
  version: string;
  exampleRow: Record<string, unknown>;
}

const TREES = `<svg width="32" height="32" viewBox="0 0 56 56" fill="currentColor" aria-hidden="true">
<path d="M19 6 6 26h7L4 40h13v9h4v-9h13l-9-14h7z"/><path d="m41 17-8 13 6 9h-4v10h4v-7h13l-6-10h5z" opacity=".55"/></svg>`;

/**
 * The page at `/`: public, and empty until a reader has given a token. It is one document without files of its own, so
 * that it needs to know no address before its script runs: behind a stage prefix `/v1` and `/v1/` are the same page,
 * and a relative address would be right in one of them only.
 *
 * @throws Error where script or style would end their own element
 */
export function consoleHtml({ script, style, version, exampleRow }: ConsoleOptions): string {
  if (/<\/script/i.test(script) || /<\/style/i.test(style)) throw new Error('the page would end too early');
  const row = escapeHtml(JSON.stringify(exampleRow));
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
<a class="skip" href="#main">Skip to content</a>
<header><a class="brand" href="#/runs">${TREES}<span>Arboleda</span></a><nav id="nav" aria-label="Main"></nav></header>
<main id="main" tabindex="-1"><noscript><p>This page needs JavaScript; the links below do not.</p></noscript></main>
<footer>
<nav aria-label="Reference">
<a href="docs" data-path="/docs">Documentation</a>
<a href="openapi.json" data-path="/openapi.json">openapi.json</a>
<a href="health" data-path="/health">Health</a>
</nav>
<details><summary>From the command line</summary>
<pre><code data-api>curl $API/health</code></pre>
<pre><code data-api>curl $API/predict \\
  -H "Authorization: Bearer $TOKEN" \\
  -H "Content-Type: application/json" \\
  -d '${row}'</code></pre>
</details>
<details><summary>From MLflow's client</summary>
<pre><code data-api>${exportLines(clientSettings('$API', '$TOKEN'))}</code></pre>
</details>
<p>Arboleda ${escapeHtml(version)}. Tokens: <code>npx arboleda token create</code></p>
</footer>
<script type="module">${script}</script>
</body>
</html>
`;
}

function escapeHtml(text: string): string {
  const entities: Record<string, string> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text.replace(/[&<>"']/g, (char) => entities[char] as string);
}
