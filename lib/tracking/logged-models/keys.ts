import type { Key } from '../../store/ports.ts';
import { partition, sha256, shortPart } from '../keys.ts';
import { checkEntryKey, checkLoggedModelId, checkRunId } from '../names.ts';
import { orderedFloat, orderedInteger } from '../numbers.ts';
import type { LoggedModelMetric } from './types.ts';

/** Where a logged model's rows are. */
export interface Place {
  ws: string;
  experimentId: string;
  modelId: string;
  /** Epoch milliseconds. */
  createdAt: number;
}

/** Newest first: the time is turned around. Of the same millisecond by id, as in MLflow. */
const startOf = ({ modelId, createdAt }: Pick<Place, 'modelId' | 'createdAt'>): string =>
  `${orderedInteger(-createdAt, 'createdAt')}#${checkLoggedModelId(modelId)}#`;

const at = (place: Place, rest: string): Key => ({
  pk: partition.loggedModels(place.ws, place.experimentId),
  sk: startOf(place) + rest,
});

const KINDS = ['header', 'param', 'tag', 'metric'] as const;

/** The rows of one logged model, in its experiment's partition. */
export const row = {
  start: startOf,
  /** The sort keys of all models after this one. */
  after: (place: Pick<Place, 'modelId' | 'createdAt'>): readonly [string, string] => [
    `${startOf(place)}~`,
    // Behind every digit.
    ':',
  ],
  /** What all rows of a model have in common. */
  modelOf: (sk: string): string => sk.split('#', 2).join('#'),
  kindOf: (sk: string) => KINDS[Number(sk.split('#', 3)[2])],
  header: (place: Place) => at(place, '0'),
  param: (place: Place, name: string) => at(place, `1#${shortPart(checkEntryKey(name, 'param'))}`),
  tag: (place: Place, name: string) => at(place, `2#${shortPart(checkEntryKey(name, 'tag'))}`),
  metric: (place: Place, point: LoggedModelMetric) => {
    const { key: name, step, timestamp, value, runId, datasetName, datasetDigest } = point;
    const dataset =
      datasetName === undefined ? '' : sha256(JSON.stringify([datasetName, datasetDigest])).slice(0, 16);
    const order = `${orderedInteger(step, 'step')}#${orderedInteger(timestamp, 'timestamp')}`;
    const metric = shortPart(checkEntryKey(name, 'metric'));
    return at(place, `3#${metric}#${order}#${checkRunId(runId)}#${orderedFloat(value)}#${dataset}`);
  },
};
