/** Stands where a secret stood. */
const HIDDEN = '***';

/** Names of parameters whose values are secrets: of presigned URLs of S3 and others, and those that APIs ask for. */
const SECRET_NAME =
  /token|secret|passw|pwd|signature|credential|auth(?!or)|session|jwt|^sig$|^key$|(api|access|private)[-_]?key/i;
const ABSOLUTE_URL = /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s"'`<>\\]+/gi;
const USERINFO = /^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i;
const PARAMETER = /([?&;#])([^?=&;#]+)=([^&;#]*)/g;
/** 16 characters: `Bearer TOKEN` in an explanation is none. */
const BEARER = /\b(Bearer|Basic)\s+[\w.~+/=-]{16,}/gi;
/** Without what stands in front of the word, and bounded behind it: the time grows with the text alone, whatever it holds. */
const NAMED = String.raw`((?:token|secret|password|signature|credential|api[-_]?key|access[-_]?key)[\w-]{0,40})`;
const ASSIGNED = new RegExp(String.raw`${NAMED}(=|"\s*:\s*")[^\s"'&,;)}]{8,}`, 'gi');
/** As AWS quotes the headers of a request whose signature is wrong. Longer than the words of a sentence. */
const HEADER = new RegExp(String.raw`${NAMED}(:\s?)[^\s"'&,;)}]{16,}`, 'gi');

/**
 * A URL as it may be told: without user and password, and without the values of parameters that are secrets by their names.
 * @param url an absolute one; what is none is given back as it is
 */
export const maskedUrl = (url: string): string =>
  url
    .replace(USERINFO, `$1${HIDDEN}@`)
    .replace(PARAMETER, (whole, mark: string, name: string) =>
      SECRET_NAME.test(name) ? `${mark}${name}=${HIDDEN}` : whole,
    );

/** A text without what is a secret by its form: in URLs as `maskedUrl` has it, behind `Bearer`, or assigned to such a name. */
export const withoutSecrets = (text: string): string =>
  text
    .replace(ABSOLUTE_URL, maskedUrl)
    .replace(BEARER, `$1 ${HIDDEN}`)
    .replace(ASSIGNED, `$1$2${HIDDEN}`)
    .replace(HEADER, `$1$2${HIDDEN}`);

/** JSON whose texts are without secrets, however deep; its names stay. */
export function withoutSecretsIn<T>(value: T): T {
  if (typeof value === 'string') return withoutSecrets(value) as T;
  if (Array.isArray(value)) return value.map(withoutSecretsIn) as T;
  if (value === null || typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype)
    return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, withoutSecretsIn(part)])) as T;
}

/** Shorter ones are words and numbers that stand anywhere. */
const SHORTEST = 4;
/** A path of this length may be a secret as a whole, as those of webhooks are. */
const LONG_PATH = 16;

/**
 * What takes the secrets of one URL out of the words of whom it was sent to: such words may quote the request. User and password,
 * also as the header that is made of them, every value of its query, and a long path.
 */
export function hidingSecretsOf(url: URL): (text: string) => string {
  const { pathname, search } = url;
  const [user, password] = [url.username, url.password].map(decoded) as [string, string];
  const values = [...url.searchParams.values()];
  const written = search.split(/[?&]/).map((part) => part.slice(part.indexOf('=') + 1));
  const all = [
    ...[url.username, url.password, user, password, ...values, ...values.map(encodeURIComponent), ...written],
    user === '' && password === '' ? '' : Buffer.from(`${user}:${password}`).toString('base64'),
    pathname.length >= LONG_PATH ? pathname : '',
    pathname.length >= LONG_PATH ? decoded(pathname) : '',
  ];
  const secrets = [...new Set(all.filter((one) => one.length >= SHORTEST))].sort(
    (a, b) => b.length - a.length,
  );
  return (text) => withoutSecrets(secrets.reduce((rest, one) => rest.replaceAll(one, HIDDEN), text));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
