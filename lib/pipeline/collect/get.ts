import { type LookupAddress, type LookupAllOptions, lookup as systemLookup } from 'node:dns';
import { request as overHttp } from 'node:http';
import { request as overTls } from 'node:https';
import { checkAddress, checkLiteral } from './address.ts';
import { SourceFaultError } from './errors.ts';

export interface Answer {
  status: number;
  body: Uint8Array;
}

/** One GET by the collector. */
export type Get = (url: URL) => Promise<Answer>;

export interface GetLimits {
  /** Whether private and loopback addresses may be called. */
  inner: boolean;
  /** From the call to the last byte. */
  milliseconds: number;
  bytes: number;
  /** In place of the system's, for tests. */
  resolve?: (host: string) => Promise<LookupAddress[]>;
}

/** A subset of a hundred thousand rows is a few MB. */
export const GET_LIMITS = { milliseconds: 8_000, bytes: 32 * 1024 * 1024 };

/**
 * A GET that can be sent only where it may: the address is judged after the name is looked up and is the one connected to, so that
 * no name can be pointed elsewhere in between; redirects are not followed; time and bytes are bounded.
 *
 * @throws ForbiddenAddressError; SourceFaultError (unreachable, timeout, too-large)
 */
export const guardedGet =
  (limits: GetLimits): Get =>
  async (url) => {
    checkLiteral(url, limits.inner);
    const end = AbortSignal.timeout(limits.milliseconds);
    try {
      return await send(url, limits, end);
    } catch (cause) {
      if (end.aborted) {
        throw new SourceFaultError(
          'timeout',
          `${url.host} did not answer in ${limits.milliseconds / 1000} s`,
          {
            cause,
          },
        );
      }
      if (cause instanceof Error && 'code' in cause && cause.code === 'FORBIDDEN_ADDRESS') throw cause;
      if (cause instanceof SourceFaultError) throw cause;
      const why = (cause as NodeJS.ErrnoException).code ?? (cause as Error).message;
      throw new SourceFaultError('unreachable', `${url.host} cannot be reached (${why})`, { cause });
    }
  };

function send(url: URL, limits: GetLimits, signal: AbortSignal): Promise<Answer> {
  const open = url.protocol === 'https:' ? overTls : overHttp;
  return new Promise((resolve, reject) => {
    const headers = { accept: 'application/json', 'user-agent': 'arboleda-collector', connection: 'close' };
    const sent = open(url, { headers, signal, agent: false, lookup: guardedLookup(limits) as never });
    sent.on('error', reject);
    sent.on('response', (response) => {
      const parts: Buffer[] = [];
      let size = 0;
      response.on('data', (part: Buffer) => {
        parts.push(part);
        size += part.length;
        if (size <= limits.bytes) return;
        sent.destroy();
        reject(new SourceFaultError('too-large', `${url.host} answers more than ${limits.bytes} bytes`));
      });
      // A body that ends before its length says so: what came is handed on, and is no JSON.
      response.on('aborted', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(parts) }));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(parts) }));
    });
    sent.end();
  });
}

type Done = (error: Error | null, address?: string | LookupAddress[], family?: number) => void;

/** What `net` asks for an address: all that it may connect to are judged. */
const guardedLookup =
  ({ inner, resolve = lookUp }: GetLimits) =>
  (host: string, options: { all?: boolean }, done: Done): void => {
    resolve(host).then(
      (found) => {
        try {
          for (const { address } of found) checkAddress(address, inner);
        } catch (error) {
          return done(error as Error);
        }
        const [first] = found;
        if (first === undefined) return done(new Error(`no address of ${host}`));
        return options.all ? done(null, found) : done(null, first.address, first.family);
      },
      (error: Error) => done(error),
    );
  };

const lookUp = (host: string): Promise<LookupAddress[]> =>
  new Promise((resolve, reject) => {
    const options: LookupAllOptions = { all: true };
    systemLookup(host, options, (error, found) => (error ? reject(error) : resolve(found)));
  });
