import type { Page } from '../../store/ports.ts';
import {
  Alarms,
  DriftReports,
  type DriftSummary,
  Feedback,
  type Labelled,
  type ModelAlarm,
  Traffic,
  type TrafficBucket,
  type TrafficUnit,
} from '../../tracking/monitoring/index.ts';
import { type FeedbackDeps, type GivenLabel, giveFeedback } from './give-feedback.ts';
import { watchModel } from './monitor.ts';
import type { DriftReport, MonitorDeps, Watch } from './types.ts';

const HOUR = 3_600_000;
/** How far back is looked unless told. */
const BACK_MS = { '5m': 6 * HOUR, hour: 7 * 24 * HOUR, day: 90 * 24 * HOUR };

/** What is seen of models in service, as the API gives it. Each method takes a model that is known to be there. */
export class Monitoring {
  readonly #deps: MonitorDeps;
  readonly #feedback: FeedbackDeps;
  readonly #traffic: Traffic;
  readonly #reports: DriftReports;
  readonly #alarms: Alarms;

  constructor(deps: MonitorDeps, serving: FeedbackDeps['serving']) {
    this.#deps = deps;
    const feedback = new Feedback(deps.items, deps.clock);
    this.#feedback = { serving, predictions: deps.predictions, feedback };
    this.#traffic = new Traffic(deps.items);
    this.#reports = new DriftReports(deps.items, deps.objects);
    this.#alarms = new Alarms(deps.items);
  }

  /** @throws NotFoundError, InvalidInputError naming the field; nothing is written then */
  feedback(ws: string, model: string, given: readonly GivenLabel[]): Promise<Labelled> {
    return giveFeedback(this.#feedback, ws, model, given);
  }

  /** @throws InvalidInputError where `from` is not before `to`, or they are too far apart for the width */
  async traffic(
    ws: string,
    model: string,
    query: { from?: string | undefined; to?: string | undefined; by?: TrafficUnit | 'day' | undefined },
  ): Promise<TrafficBucket[]> {
    const by = query.by ?? 'hour';
    const to = query.to ?? this.#deps.clock.now().toISOString();
    const from = query.from ?? new Date(Date.parse(to) - BACK_MS[by]).toISOString();
    return this.#traffic.list(ws, model, { from, to, by });
  }

  reports(
    ws: string,
    model: string,
    page: { limit?: number | undefined; cursor?: string | undefined },
  ): Promise<Page<DriftSummary>> {
    return this.#reports.list(ws, model, page);
  }

  /** @throws NotFoundError */
  async report(ws: string, model: string, id: string): Promise<DriftReport> {
    return (await this.#reports.get(ws, model, id)) as DriftReport;
  }

  alarms(ws: string, model: string): Promise<ModelAlarm[]> {
    return this.#alarms.list(ws, model);
  }

  /** Looks at the model now, as the rule does, and judges windows that are still open. */
  watch(ws: string, model: string): Promise<Watch> {
    return watchModel(this.#deps, ws, model, { asked: true });
  }
}
