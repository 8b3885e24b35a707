import { call, inTurns, median, timed } from './client.ts';
import type { Contender } from './contenders.ts';
import { EXPERIMENT } from './seed.ts';

/** What was measured of one piece of work: a contender's milliseconds, or what one call took. */
export interface Figure {
  work: string;
  /** Medians by the contender's name. */
  medians: Record<string, number>;
  rounds: number;
}

interface Made {
  run: { info: { run_id: string } };
}

async function newRun(contender: Contender): Promise<string> {
  const made = await call<Made>(contender, 'POST', 'runs/create', {
    experiment_id: EXPERIMENT,
    start_time: Date.now(),
  });
  return made.run.info.run_id;
}

/** One piece of work, in turns, after one round to warm up that does not count. */
async function measure(
  work: string,
  contenders: readonly Contender[],
  rounds: number,
  once: (contender: Contender, round: number) => Promise<unknown>,
): Promise<Figure> {
  const times = new Map(contenders.map(({ name }) => [name, [] as number[]]));
  await inTurns(contenders, rounds + 1, async (contender, round) => {
    const milliseconds = await timed(() => once(contender, round));
    if (round > 0) times.get(contender.name)!.push(milliseconds);
  });
  const medians = Object.fromEntries([...times].map(([name, all]) => [name, median(all)]));
  return { work, medians, rounds };
}

/** What a call costs that does nothing: of the emulator its gateway and its Lambda. */
export const overhead = (contenders: readonly Contender[], rounds: number): Promise<Figure> =>
  measure('GET /health: nothing done', contenders, rounds, async ({ url }) =>
    (await fetch(`${url}/health`)).text(),
  );

/** log-batch of 20 items: 10 metrics, 5 params, 5 tags; then one metric by itself. All rounds of a contender log to one run. */
export async function logging(contenders: readonly Contender[], rounds: number): Promise<Figure[]> {
  const runs = new Map<Contender, string>();
  for (const contender of contenders) runs.set(contender, await newRun(contender));
  const five = (round: number, prefix: string) =>
    Array.from({ length: 5 }, (_, n) => ({ key: `${prefix}${round}.${n}`, value: String(n) }));
  const batch = await measure('log-batch of 20 items', contenders, rounds, (contender, round) =>
    call(contender, 'POST', 'runs/log-batch', {
      run_id: runs.get(contender),
      metrics: Array.from({ length: 10 }, (_, n) => ({
        key: `m${n}`,
        value: round / (n + 1),
        timestamp: 1_750_000_000_000 + round,
        step: round,
      })),
      params: five(round, 'p'),
      tags: five(round % 3, 't'),
    }),
  );
  const metric = await measure('log-metric', contenders, rounds, (contender, round) =>
    call(contender, 'POST', 'runs/log-metric', {
      run_id: runs.get(contender),
      key: 'single',
      value: round,
      timestamp: 1_750_000_000_000 + round,
      step: round,
    }),
  );
  return [batch, metric];
}

/** First pages of 100 of all runs of one experiment. The answers are compared: a fast wrong one is none. */
export async function searching(contenders: readonly Contender[], rounds: number): Promise<Figure[]> {
  const searches: [string, object][] = [
    [
      'runs/search filtered and ordered by a metric',
      { filter: 'metrics.accuracy > 0.5', order_by: ['metrics.accuracy DESC'] },
    ],
    ['runs/search ordered by a metric', { order_by: ['metrics.loss ASC'] }],
    [
      'runs/search filtered by a param and a metric',
      { filter: "params.model = 'forest' AND metrics.f1 > 0.9", order_by: ['metrics.f1 DESC'] },
    ],
    ['runs/search, newest first', {}],
  ];
  const figures: Figure[] = [];
  for (const [work, search] of searches) {
    const seen = new Map<string, string>();
    const once = async (contender: Contender): Promise<void> => {
      const body = { experiment_ids: [EXPERIMENT], max_results: 100, ...search };
      const { runs = [] } = await call<{ runs?: Made['run'][] }>(contender, 'POST', 'runs/search', body);
      // What the other workloads logged is newer than every seeded run, and differs by its id.
      seen.set(
        contender.name,
        runs
          .map(({ info }) => info.run_id)
          .filter((id) => id.startsWith('5eed0'))
          .join(' '),
      );
    };
    figures.push(await measure(work, contenders, rounds, once));
    const [first, ...others] = [...seen.values()];
    if (first === '' || others.some((other) => other !== first))
      throw new Error(`${work}: the answers differ`);
  }
  return figures;
}

/** So many points of one metric, 1,000 a batch, and all of them read back; each contender as a whole, one after the other. */
export async function points(contenders: readonly Contender[], count: number): Promise<Figure[]> {
  const logged: Record<string, number> = {};
  const read: Record<string, number> = {};
  for (const contender of contenders) {
    const run_id = await newRun(contender);
    logged[contender.name] = await timed(async () => {
      for (let from = 0; from < count; from += 1_000) {
        const metrics = Array.from({ length: Math.min(1_000, count - from) }, (_, n) => {
          const step = from + n;
          return { key: 'loss', value: 1 / (step + 1), timestamp: 1_750_000_000_000 + step, step };
        });
        await call(contender, 'POST', 'runs/log-batch', { run_id, metrics });
      }
    });
    read[contender.name] = await timed(async () => {
      const steps = await history(contender, run_id);
      const whole = steps.length === count && steps.every((step, n) => step === n);
      if (!whole) throw new Error(`${contender.name} gave ${steps.length} of ${count} points back`);
    });
  }
  const thousands = count.toLocaleString('en');
  return [
    { work: `${thousands} points of one metric logged, 1,000 a batch`, medians: logged, rounds: 1 },
    { work: `${thousands} points read back in pages of 25,000`, medians: read, rounds: 1 },
  ];
}

async function history(contender: Contender, run_id: string): Promise<number[]> {
  const steps: number[] = [];
  let page_token = '';
  do {
    const page = await call<{ metrics?: { step: number }[]; next_page_token?: string }>(
      contender,
      'GET',
      'metrics/get-history',
      { run_id, metric_key: 'loss', max_results: '25000', ...(page_token && { page_token }) },
    );
    for (const { step } of page.metrics ?? []) steps.push(step);
    page_token = page.next_page_token ?? '';
  } while (page_token !== '');
  return steps;
}
