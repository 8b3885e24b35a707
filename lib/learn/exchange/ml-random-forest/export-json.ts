import type { Ensemble } from '../../ensemble/ensemble.ts';
import { leafVector, treeCount, treeNodes } from '../../ensemble/views.ts';
import { type FlatForest, LEAF, readForest } from '../../ml-random-forest/flat-forest.ts';
import type { Model } from '../../types.ts';
import { NotExportableError } from '../errors.ts';
import { firstAbove } from '../float32.ts';
import type { CartNode, ForestJson } from './json.ts';

export interface ExportedForest {
  json: ForestJson;
  /** Where the library's answers may differ from the model's. */
  notes: string[];
}

/**
 * A forest as JSON that `RandomForestClassifier.load` and `RandomForestRegression.load` of ml-random-forest 2 take.
 * Every row takes the same way through every tree there, to the last bit, missing values aside. Regressions are the
 * same mean. A class is there what most trees vote for, and here the class with the largest mean share; classes are
 * numbers there, the places of the model's classes, which the JSON names in `classes`.
 *
 * @throws NotExportableError for a model that is no forest or has native categories
 * @example
 * const { json } = exportForestJson(model);
 * RandomForestClassifier.load(JSON.parse(JSON.stringify(json))).predict(rows);
 */
export function exportForestJson(model: Model): ExportedForest {
  const { algorithm, ensemble, features, classes, task } = model;
  const classifier = task === 'classification';
  const roots =
    algorithm === 'ml-random-forest'
      ? flatRoots(readForest(model.toFile(), features.length, Number.isFinite), classes.length)
      : ensembleRoots(requireForest(algorithm, ensemble), classifier);
  const options = {
    kind: classifier ? 'classifier' : 'regression',
    splitFunction: 'mean',
    gainFunction: classifier ? 'gini' : 'regression',
  };
  const json: ForestJson = {
    name: classifier ? 'RFClassifier' : 'RFRegression',
    ...(classifier ? { classes: [...classes] } : { selectionMethod: 'mean' }),
    features: [...features],
    baseModel: {
      indexes: roots.map(() => [...features.keys()]),
      n: features.length,
      replacement: false,
      maxFeatures: features.length,
      nEstimators: roots.length,
      treeOptions: {},
      isClassifier: classifier,
      seed: 0,
      estimators: roots.map((root) => ({
        options,
        root,
        name: classifier ? 'DTClassifier' : 'DTRegression',
      })),
      useSampleBagging: true,
    },
  };
  return { json, notes: notesOf(classifier, ensemble) };
}

function requireForest(algorithm: string, ensemble: Ensemble | undefined): Ensemble {
  if (ensemble === undefined || ensemble.aggregate !== 'mean') {
    throw new NotExportableError(`${algorithm} is no forest, and ml-random-forest knows forests alone`, {
      remedy: 'Export it to ONNX.',
    });
  }
  if (ensemble.categoryCounts.some((count) => count > 0)) {
    throw new NotExportableError('the forest asks for categories, and ml-random-forest knows numbers alone', {
      remedy: "Export it to ONNX, or train with `encode('categorical')` in the clean steps.",
    });
  }
  return ensemble;
}

function ensembleRoots(ensemble: Ensemble, classifier: boolean): CartNode[] {
  return Array.from({ length: treeCount(ensemble) }, (_, tree) => {
    const views = Array.from(treeNodes(ensemble, tree), ([, view]) => view);
    const made = new Array<CartNode>(views.length);
    for (let place = views.length - 1; place >= 0; place--) {
      const { leaf, left, right, feature, threshold } = views[place]!;
      if (leaf) {
        const vector = Array.from(leafVector(ensemble, tree, place));
        made[place] = { distribution: classifier ? [vector] : vector[0]! };
      } else {
        const numberSamples = ensemble.cover[ensemble.roots[tree]! + place]!;
        const split = { splitColumn: feature, splitValue: firstAbove(threshold) };
        made[place] = {
          ...split,
          ...(numberSamples > 0 ? { numberSamples } : {}),
          left: made[left]!,
          right: made[right]!,
        };
      }
    }
    return made[0]!;
  });
}

/** Trees that the library trained itself keep their thresholds. */
function flatRoots({ treeStarts, feature, value, right }: FlatForest, classes: number): CartNode[] {
  return Array.from({ length: treeStarts.length - 1 }, (_, t) => {
    const from = treeStarts[t]!;
    const made = new Array<CartNode>(treeStarts[t + 1]! - from);
    for (let at = treeStarts[t + 1]! - 1; at >= from; at--) {
      const [asked, number] = [feature[at]!, value[at]!];
      if (asked === LEAF) {
        const shares = Array.from({ length: classes }, (_, k) => (k === number ? 1 : 0));
        made[at - from] = { distribution: classes > 0 ? [shares] : number };
      } else {
        const children = { left: made[at + 1 - from]!, right: made[right[at]! - from]! };
        made[at - from] = { splitColumn: asked, splitValue: number, ...children };
      }
    }
    return made[0]!;
  });
}

function notesOf(classifier: boolean, ensemble: Ensemble | undefined): string[] {
  const notes: string[] = [];
  if (classifier && ensemble !== undefined) {
    notes.push(
      'ml-random-forest answers with the class that most trees vote for; here it is the class with the largest mean share',
    );
  }
  if (ensemble !== undefined && asksForMissing(ensemble)) {
    notes.push(
      'ml-random-forest sends missing values right everywhere; some questions of this forest send them left',
    );
  }
  return notes;
}

const asksForMissing = (ensemble: Ensemble): boolean => {
  for (let tree = 0; tree < treeCount(ensemble); tree++) {
    for (const [, { leaf, missingLeft }] of treeNodes(ensemble, tree)) if (!leaf && missingLeft) return true;
  }
  return false;
};
