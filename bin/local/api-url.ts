/**
 * The URL under which an emulator serves an API Gateway stage; the template's own URL names a host that only AWS has.
 *
 * @param apiUrl - the stack's output, such as `https://abc123.execute-api.us-east-1.amazonaws.com/prod/`
 * @returns the URLs to try, most likely first, without a slash at the end; the given one alone where it is not AWS's form.
 */
export function localApiUrls(endpoint: string, apiUrl: string): string[] {
  const url = new URL(apiUrl);
  const given = apiUrl.replace(/\/+$/, '');
  const id = /^([a-z0-9]+)\.execute-api\./.exec(url.hostname)?.[1];
  const stage = url.pathname.split('/').filter(Boolean)[0];
  if (!id || !stage) return [given];
  return [
    `${endpoint}/restapis/${id}/${stage}/_user_request_`,
    `${endpoint}/_aws/execute-api/${id}/${stage}`,
  ];
}

/** Whether the platform answers there: 200, or 503 while it has no model, with our own JSON. */
export async function answers(apiUrl: string, milliseconds = 20_000): Promise<boolean> {
  try {
    const response = await fetch(`${apiUrl}/health`, { signal: AbortSignal.timeout(milliseconds) });
    const body = (await response.json()) as Record<string, unknown>;
    return (response.status === 200 || response.status === 503) && 'model_loaded' in body;
  } catch {
    return false;
  }
}

/** The first of the URLs that answers; undefined where none does. */
export async function firstAnswering(urls: readonly string[]): Promise<string | undefined> {
  for (const url of urls) if (await answers(url)) return url;
  return undefined;
}
