import type { Contender } from './contenders.ts';

type Query = Record<string, string>;

/** One call, as the client makes it: JSON out, JSON in. @throws Error with the server's own words */
export async function call<T>(
  { url, token }: Contender,
  method: 'GET' | 'POST',
  path: string,
  given: object = {},
): Promise<T> {
  const query = method === 'GET' ? `?${new URLSearchParams(given as Query)}` : '';
  const answer = await fetch(`${url}/api/2.0/mlflow/${path}${query}`, {
    method,
    headers: {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(method === 'POST' && { body: JSON.stringify(given) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${url} ${path}: ${answer.status} ${text.slice(0, 300)}`);
  return JSON.parse(text) as T;
}

/** Milliseconds of the one call of `work`. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await work();
  return performance.now() - from;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** In turns, A B C B C A: a machine that gets slower does so for all. */
export async function inTurns<T>(
  contenders: readonly T[],
  rounds: number,
  work: (contender: T, round: number) => Promise<void>,
): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < contenders.length; turn += 1) {
      await work(contenders[(round + turn) % contenders.length]!, round);
    }
  }
}
