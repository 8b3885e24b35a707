import middy from '@middy/core';
import { type Logger, pino } from 'pino';
import { type App, createApp } from '../../lib/http/app.ts';
import { within } from '../../lib/http/deadline.ts';
import type { ServingDeps } from '../../lib/http/deps.ts';
import { RequestTimedOutError } from '../../lib/http/errors.ts';
import { errorResponse } from '../../lib/http/exchange.ts';
import {
  fromGatewayEvent,
  type GatewayEvent,
  type GatewayResult,
  toGatewayResult,
} from '../../lib/http/gateway.ts';
import { REQUEST_DEADLINE_MS } from '../../lib/http/limits.ts';
import type { HttpResponse } from '../../lib/http/message.ts';
import type { Route } from '../../lib/http/route.ts';
import { explainPredictions } from '../../lib/learn/explain/explain-predictions.ts';
import { readModelFile } from '../../lib/learn/file/model-file.ts';
import { predictRows } from '../../lib/learn/predict-rows.ts';
import { PredictionService } from '../../lib/serving/index.ts';
import { type Environment, openStores, readEnvironment, type Stores } from '../../lib/store/index.ts';
import { PredictionLog } from '../../lib/tracking/prediction-log.ts';
import { Registry } from '../../lib/tracking/registry.ts';
import { Splits } from '../../lib/tracking/splits/splits.ts';
import { Tokens } from '../../lib/tracking/tokens.ts';

const clock = { now: () => new Date() };

/** To the stream rather than the file descriptor: a host may have put its own stream in the place of stdout. */
const logger: Logger = pino({ base: null, formatters: { level: (level) => ({ level }) } }, process.stdout);

export interface ServingSide {
  deps: ServingDeps & { predictions: PredictionLog; registry: Registry; splits: Splits };
  tokens: Tokens;
  stores: Stores;
  environment: Environment;
}

/** The serving side of this process, on the stores of its environment. */
export function servingDeps(): ServingSide {
  const environment = readEnvironment(process.env);
  return composeServing(environment, openStores(environment));
}

/** The same, over stores that were opened elsewhere. */
export function composeServing(environment: Environment, stores: Stores): ServingSide {
  const registry = new Registry(stores.items, clock);
  const splits = new Splits(stores.items, clock);
  const serving = new PredictionService({
    registry,
    objects: stores.objects,
    engine: { read: readModelFile, predict: predictRows, explain: explainPredictions },
    clock,
    traffic: splits,
  });
  const predictions = new PredictionLog(stores.items, stores.objects, clock);
  const tokens = new Tokens(stores.items, clock, stores.adminSecret);
  const deps = { serving, predictions, registry, splits, clock, defaultModel: environment.defaultModel };
  return { deps, tokens, stores, environment };
}

/** An application over the routes, with this process's log and tokens. */
export function appOf<D>(routes: readonly Route<D>[], deps: D, tokens: Tokens): App {
  return createApp({ routes, deps, authenticate: (token) => tokens.authenticate(token), logger });
}

/** A Lambda handler around an application that is put together at the first request, and again where that failed. */
export function gatewayHandler(open: () => Promise<App>) {
  let opened: Promise<App> | undefined;
  return middy<GatewayEvent, GatewayResult>(async (event: GatewayEvent) => {
    const request = fromGatewayEvent(event);
    opened ??= open();
    const { requestId } = request;
    try {
      const answer = opened.then((app) => app.handle(request));
      return toGatewayResult(await within(REQUEST_DEADLINE_MS, answer));
    } catch (error) {
      if (error instanceof RequestTimedOutError) {
        logger.error({ requestId, method: request.method, code: error.code }, error.message);
        return toGatewayResult(errorResponse(error, request));
      }
      opened = undefined;
      logger.error({ requestId, err: error }, 'the application did not start');
      // The cause is the operator's business: a caller is told no variable, bucket or table.
      const response: HttpResponse = errorResponse(undefined, request);
      return toGatewayResult(response);
    }
  });
}
