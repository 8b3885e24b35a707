/**
 * The page around Swagger UI. Every address is relative to where the page stands, so that it works behind any stage
 * prefix: `/docs` finds its files under `docs/`, `/docs/` beside it.
 */
export function docsHtml(trailingSlash: boolean): string {
  const base = trailingSlash ? './' : './docs/';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Arboleda API</title>
<link rel="icon" type="image/png" href="${base}favicon-32x32.png">
<link rel="stylesheet" href="${base}swagger-ui.css">
<style>html{color-scheme:light}body{margin:0;background:#fafafa}</style>
</head>
<body>
<div id="swagger-ui"></div>
<noscript><p>This page needs JavaScript; <a href="${trailingSlash ? '../' : './'}openapi.json">openapi.json</a> does not.</p></noscript>
<script src="${base}swagger-ui-bundle.js"></script>
<script src="${base}swagger-initializer.js"></script>
</body>
</html>
`;
}

/**
 * Replaces Swagger UI's own initializer, which loads a pet store from another host. The document stands one level above
 * this script, whatever the page's own address is. `validatorUrl: null` keeps the document from being sent anywhere.
 */
export const DOCS_INITIALIZER = `'use strict';
(() => {
  const url = new URL('../openapi.json', document.currentScript.src).href;
  window.addEventListener('load', () => {
    window.ui = SwaggerUIBundle({
      url,
      dom_id: '#swagger-ui',
      deepLinking: true,
      validatorUrl: null,
      persistAuthorization: false,
      tryItOutEnabled: true,
      presets: [SwaggerUIBundle.presets.apis],
      layout: 'BaseLayout',
    });
  });
})();
`;
