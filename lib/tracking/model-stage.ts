import { InvalidInputError } from '../errors/index.ts';

/** MLflow's words for where a version stands on its way; `None` is in development. */
export const MODEL_STAGES = ['None', 'Staging', 'Production', 'Archived'] as const;
export type ModelStage = (typeof MODEL_STAGES)[number];

/** MLflow's "active" stages: those that `archiveExisting` may clear, and that the model's item lists the versions of. */
export const ACTIVE_STAGES = ['Staging', 'Production'] as const;
export type ActiveStage = (typeof ACTIVE_STAGES)[number];

export const isActive = (stage: ModelStage): stage is ActiveStage =>
  (ACTIVE_STAGES as readonly string[]).includes(stage);

const WORDS = new Map<string, ModelStage>([
  ...MODEL_STAGES.map((stage) => [stage.toLowerCase(), stage] as const),
  ['development', 'None'],
]);

/** The stage that a word means, in any case as in MLflow; `Development` is `None`. Undefined for another word. */
export const readStage = (word: string): ModelStage | undefined => WORDS.get(word.toLowerCase());

/** As `readStage`. @throws InvalidInputError naming `field` */
export function parseStage(word: string, field = 'stage'): ModelStage {
  const stage = readStage(word);
  if (stage !== undefined) return stage;
  throw new InvalidInputError(`${JSON.stringify(word.slice(0, 60))} is no stage of a model version`, {
    field,
    remedy: `Use one of ${MODEL_STAGES.join(', ')} (Development is None).`,
  });
}

/** The alias that moves with the stage Production. */
export const PRODUCTION_ALIAS = 'production';

/** How many versions of a model stand in one active stage at most: a transition that archives them is one transaction. */
export const MAX_IN_STAGE = 90;
