import { scriptHash } from './security.ts';

/** Fills in the address that the reader came by; without it the lines show a placeholder. */
const SCRIPT = `
const base = location.origin + location.pathname.replace(/\\/?$/, '');
for (const code of document.querySelectorAll('[data-api]')) code.textContent = code.textContent.replaceAll('$API', base);
for (const link of document.querySelectorAll('a[data-path]')) link.href = base + link.dataset.path;
`;

/** Stands in the page's Content-Security-Policy: this script and no other. */
export const LANDING_SCRIPT_SOURCE = scriptHash(SCRIPT);

const STYLE = `
:root{color-scheme:light dark;--bg:#f6f7f2;--card:#fff;--text:#1d2a1f;--soft:#5b6b5e;--line:#dfe5da;--accent:#2f6b3c}
@media (prefers-color-scheme:dark){:root{--bg:#10150f;--card:#182018;--text:#e6ede4;--soft:#9fb0a1;--line:#2a362b;--accent:#8fcf9b}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;grid-template-columns:minmax(0,46rem);place-content:center;padding:2rem 1rem;background:var(--bg);color:var(--text);
font:16px/1.6 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{min-width:0}
header{display:flex;gap:1rem;align-items:center}
h1{margin:0;font-size:2rem;letter-spacing:-.02em;line-height:1.2}
header p{margin:.2rem 0 0;color:var(--soft)}
svg{flex:none;color:var(--accent)}
nav{display:grid;grid-template-columns:repeat(auto-fit,minmax(11rem,1fr));gap:.75rem;margin:2rem 0}
nav a{display:block;padding:1rem 1.1rem;border:1px solid var(--line);border-radius:.75rem;background:var(--card);color:inherit;text-decoration:none}
nav a:hover,nav a:focus-visible{border-color:var(--accent);outline:none}
nav strong{display:block;color:var(--accent)}
nav span{color:var(--soft);font-size:.9rem}
h2{margin:0 0 .5rem;font-size:1rem}
pre{margin:0 0 1.25rem;padding:1rem 1.1rem;overflow-x:auto;border:1px solid var(--line);border-radius:.75rem;background:var(--card);font:.85rem/1.6 ui-monospace,SFMono-Regular,Menlo,monospace}
footer{color:var(--soft);font-size:.85rem}
`;

const TREES = `<svg width="56" height="56" viewBox="0 0 56 56" fill="currentColor" aria-hidden="true">
<path d="M19 6 6 26h7L4 40h13v9h4v-9h13l-9-14h7z"/><path d="m41 17-8 13 6 9h-4v10h4v-7h13l-6-10h5z" opacity=".55"/></svg>`;

/** The page at `/`: where to go, and two lines to try. Plain HTML; no file of its own. */
export function landingHtml(options: { version: string; exampleRow: Record<string, unknown> }): string {
  const row = escapeHtml(JSON.stringify(options.exampleRow));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Arboleda</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<header>${TREES}<div><h1>Arboleda</h1><p>Data in, a registered model out, predictions over HTTPS.</p></div></header>
<nav>
<a href="docs" data-path="/docs"><strong>Documentation</strong><span>Every route, to read and to try</span></a>
<a href="openapi.json" data-path="/openapi.json"><strong>openapi.json</strong><span>The same for machines</span></a>
<a href="health" data-path="/health"><strong>Health</strong><span>Which model answers now</span></a>
</nav>
<h2>Is a model ready?</h2>
<pre><code data-api>curl $API/health</code></pre>
<h2>Predict</h2>
<pre><code data-api>curl $API/predict \\
  -H "Authorization: Bearer $TOKEN" \\
  -H "Content-Type: application/json" \\
  -d '${row}'</code></pre>
<footer>Arboleda ${escapeHtml(options.version)}. Tokens: <code>npx arboleda token create</code></footer>
</main>
<script>${SCRIPT}</script>
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
