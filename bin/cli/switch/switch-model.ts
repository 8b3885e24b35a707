import { ArboledaError, ConflictError } from '../../../lib/errors/index.ts';
import { counted, grouped } from '../../../lib/table/counted.ts';
import type { RegisteredModel } from '../../../lib/tracking/types.ts';
import type { AliasMoved, ModelSchema, PredictionAnswer } from '../api-types.ts';
import { type ApiClient, PROBE, path, type Query } from '../client.ts';
import { schemaChanges } from './schema-changes.ts';
import { AnswerWatch, WATCH, type Watched, type WatchOptions } from './watch-answers.ts';

/** A switch or a revert, proved by answers. */
export interface Switched extends Watched {
  model: string;
  version: string;
  previousVersion: string | null;
  /** How the row that the model takes changed; of a switch only. */
  schemaChanges?: string[];
}

/** The new version cannot answer rows that the one in production answers. Nothing moved. */
export class SchemaBrokenError extends ConflictError {
  static override readonly code: string = 'SCHEMA_BROKEN';
  static override readonly remedy: string =
    'Change the callers first, then switch with --accept-schema; or train the version on the same columns.';
}

/** The alias moved, but the answers do not prove the new version. */
export class NotVerifiedError extends ArboledaError {
  static override readonly code: string = 'NOT_VERIFIED';
  static override readonly status: number = 502;
}

/** How many requests warm the new version: more functions than one may serve it. */
const WARMERS = 4;

/** Hundreds of the same row: as traffic they would be drift. */
const predict = (api: ApiClient, model: string, row: unknown, query: Query = {}) =>
  api.send<PredictionAnswer>('POST', path`/models/${model}/predict`, { body: row, query, headers: PROBE });

const schemaOf = (api: ApiClient, model: string, query: Query = {}) =>
  api.get<ModelSchema>(path`/models/${model}/schema`, query);

/**
 * Blue and green: the new version is loaded and answers its own example row, and the row of the version in production, before
 * anything moves; then the alias moves in one transaction while requests fly, and goes on being asked until only the new
 * version has answered for longer than a function keeps an alias.
 *
 * @throws SchemaBrokenError or the API's error, where nothing moved; NotVerifiedError, where it did
 */
export async function switchModel(
  api: ApiClient,
  to: { model: string; version: string; reason?: string; acceptSchema?: boolean },
  options: WatchOptions = WATCH,
): Promise<Switched> {
  const { model, version, reason, acceptSchema = false } = to;
  const { aliases } = await api.get<RegisteredModel>(path`/models/${model}`);
  const held = aliases.production ?? null;
  const next = await schemaOf(api, model, { version });
  await Promise.all(Array.from({ length: WARMERS }, () => predict(api, model, next.example, { version })));
  const now = held === null ? undefined : await schemaOf(api, model, { version: held });
  if (now && !acceptSchema) await mustAnswer(api, model, version, now);
  // The row of a caller who has not changed anything, where it can be answered by both.
  const row = acceptSchema || now === undefined ? next.example : now.example;
  const ask = async () => (await predict(api, model, row)).version;
  // Where nothing is in production yet, every request before the move would fail, and rightly.
  const early = held === null || acceptSchema ? undefined : new AnswerWatch(ask, options);
  const since = performance.now();
  const moved = await api
    .put<AliasMoved>(path`/models/${model}/aliases/production`, {
      version,
      expectedVersion: held,
      reason: reason ?? 'switched',
    })
    .catch(async (error: unknown) => {
      await early?.stop();
      throw error;
    });
  const watched = await (early ?? new AnswerWatch(ask, options)).until(version, since);
  return verified({
    model,
    version,
    previousVersion: moved.previousVersion,
    schemaChanges: now ? schemaChanges(now.schema, next.schema) : [],
    ...watched,
  });
}

/** Takes back the last move of `production`, with the same proof. @throws NotVerifiedError, or the API's error */
export async function revertModel(
  api: ApiClient,
  back: { model: string; reason?: string },
  options: WatchOptions = WATCH,
): Promise<Switched> {
  const { model, reason } = back;
  const since = performance.now();
  // Nothing comes before the move: who reverts is in a hurry.
  const moved = await api.post<AliasMoved>(path`/models/${model}/rollback`, { reason: reason ?? 'reverted' });
  const { version, previousVersion } = moved;
  const { example } = await schemaOf(api, model, { version });
  const watch = new AnswerWatch(async () => (await predict(api, model, example)).version, options);
  return verified({ model, version, previousVersion, ...(await watch.until(version, since)) });
}

/** The row that production answers now is answered by the next version too. */
async function mustAnswer(api: ApiClient, model: string, version: string, now: ModelSchema): Promise<void> {
  try {
    await predict(api, model, now.example, { version });
  } catch (cause) {
    if (!(cause instanceof ArboledaError) || cause.status < 400 || cause.status >= 500) throw cause;
    throw new SchemaBrokenError(
      `version ${version} refuses a row that version ${now.version} answers: ${cause.message}`,
      { cause, ...(cause.field !== undefined && { field: cause.field }), details: { row: now.example } },
    );
  }
}

function verified(done: Switched): Switched {
  const { model, version, failed, requests, failure, settled, versions } = done;
  if (settled && failed === 0) return done;
  const seen = Object.entries(versions).map(([each, count]) => `version ${each} ${counted(count, 'time')}`);
  const what = settled
    ? `${grouped(failed)} of ${counted(requests, 'request')} failed (${failure})`
    : `after the move answered ${seen.join(', ') || 'nothing'}${failure ? ` (${failure})` : ''}`;
  throw new NotVerifiedError(`production of ${model} is version ${version}, but ${what}`, {
    remedy: `Look at /health and the logs; \`npx arboleda revert ${model}\` takes the move back.`,
    details: { ...done },
  });
}
