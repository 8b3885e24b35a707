import type { FeatureMatrix, Model } from '../../learn/index.ts';
import { profileColumn, type TrainingProfile } from '../../table/index.ts';

/**
 * What a model answers to rows that it was not trained on, as a profile: what its answers in service are compared with. The
 * target's own profile would not do, since no model's answers are spread as its target is.
 */
export function profilePredictions(
  model: Model,
  x: FeatureMatrix,
): NonNullable<TrainingProfile['predictions']> {
  const answers = model.predict(x);
  if (model.task === 'regression') {
    return profileColumn({ name: 'prediction', kind: 'number', values: answers });
  }
  return profileColumn({
    name: 'prediction',
    kind: 'category',
    codes: Int32Array.from(answers),
    categories: [...model.classes],
  });
}
