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
import type { Environment, ServingStores } from '../../lib/store/index.ts';
import { PredictionLog } from '../../lib/tracking/prediction-log.ts';
import type { RegistryReader } from '../../lib/tracking/registry-reader.ts';
import type { SplitTraffic } from '../../lib/tracking/splits/traffic.ts';
import { Tokens } from '../../lib/tracking/tokens.ts';

/** This process's. */
export const clock = { now: () => new Date() };

/** To the stream rather than the file descriptor: a host may have put its own stream in the place of stdout. */
const logger: Logger = pino({ base: null, formatters: { level: (level) => ({ level }) } }, process.stdout);

/** What answers predictions and who may ask for them, over the stores of one process. */
export interface ServingSide {
  deps: ServingDeps & { predictions: PredictionLog };
  tokens: Tokens;
}

/** The serving side over stores that were opened, and over the registry and the splits as far as they are needed. */
export function servingSide(
  environment: Environment,
  stores: ServingStores,
  { registry, traffic }: { registry: RegistryReader; traffic: SplitTraffic },
): ServingSide {
  const serving = new PredictionService({
    registry,
    objects: stores.objects,
    engine: { read: readModelFile, predict: predictRows, explain: explainPredictions },
    clock,
    traffic,
  });
  const predictions = new PredictionLog(stores.items, stores.objects, clock);
  const tokens = new Tokens(stores.items, clock, stores.adminSecret);
  return { deps: { serving, predictions, clock, defaultModel: environment.defaultModel }, tokens };
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
