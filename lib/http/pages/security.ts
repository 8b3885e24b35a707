import { createHash } from 'node:crypto';

/** The CSP source of an inline script or style: its hash, so that nothing else inline is taken. */
export const inlineHash = (script: string): string =>
  `'sha256-${createHash('sha256').update(script).digest('base64')}'`;

/**
 * Headers of a page that loads nothing from any other host and is framed by none.
 *
 * @param uploads the origin that files may be put to, where the page does that
 */
export function pageHeaders(
  contentType: string,
  scriptSource: string,
  // Swagger UI sets style attributes.
  styleSource = "'self' 'unsafe-inline'",
  uploads?: string,
): Record<string, string> {
  const policy = [
    "default-src 'none'",
    `script-src ${scriptSource}`,
    `style-src ${styleSource}`,
    "img-src 'self' data:",
    "font-src 'self' data:",
    `connect-src 'self'${uploads === undefined ? '' : ` ${uploads}`}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  return { 'content-type': contentType, 'content-security-policy': policy, 'x-frame-options': 'DENY' };
}

export const HTML = 'text/html; charset=utf-8';

/** The origin of an address that a file is put to; undefined where that is no host, as with stores on a disk. */
export function uploadOrigin(url: string): string | undefined {
  const { protocol, origin } = new URL(url);
  return protocol === 'https:' || protocol === 'http:' ? origin : undefined;
}
