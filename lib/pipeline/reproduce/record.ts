import { ConflictError } from '../../errors/index.ts';
import { PARENT_RUN_TAG } from '../../tracking/index.ts';
import type { Artifact, Lineage, Run, Stage, StageRecord } from '../../tracking/types.ts';

/** A run, and what it left that another run of the same work must leave too. */
export interface RunRecord {
  run: Run;
  stages: readonly StageRecord[];
  artifacts: readonly Artifact[];
  /** `definition.json` of its artifacts. */
  definition?: unknown;
  /** `reports/candidates.json`, where it came so far. */
  candidates?: readonly CandidateRecord[] | undefined;
  /** The selected model's file, where it came so far. */
  model?: Uint8Array | undefined;
}

/** One trained candidate, of `reports/candidates.json`. */
export interface CandidateRecord {
  item: number;
  algorithm: string;
  modelSha256: string;
  rows: number;
  validation: Record<string, number>;
}

/** What surrounds a run: the code and definition that are at hand, in the words of a run's lineage. */
export type Surroundings = Pick<
  Lineage,
  'definitionSha256' | 'codeVersions' | 'lockfileSha256' | 'nodeVersion'
> & { /** As `definition.json` describes it. */ definition: unknown };

/** Nothing was computed here that could be computed again. */
export class NotReproducibleError extends ConflictError {
  static override readonly code: string = 'NOT_REPRODUCIBLE';
  static override readonly remedy: string =
    'Name a finished run of a pipeline (`npx arboleda runs` lists them).';
}

export const MODEL_PATH = 'model/model.arbm';
export const CANDIDATES_PATH = 'reports/candidates.json';
export const DEFINITION_PATH = 'definition.json';
/** The stages whose work is done again; register and promote only write down what they decided. */
export const REPEATED: readonly Stage[] = ['plan', 'ingest', 'clean', 'train', 'evaluate'];

/**
 * The pipeline and the data of a run that can be done again.
 *
 * @throws NotReproducibleError for a run of no pipeline (an imported model, one logged by a client), a candidate's child
 *   run, one that did not finish, and one without data
 */
export function reproducible(run: Run): { pipeline: string; sourceSha256: string } {
  const refuse = (why: string, remedy?: string): never => {
    throw new NotReproducibleError(`run ${run.runId} ${why}`, remedy === undefined ? {} : { remedy });
  };
  const { pipeline, status, lineage, name } = run;
  if (pipeline === undefined) {
    return refuse(
      `("${name}") is of no pipeline: what it holds was made elsewhere, by code and data that are not known here`,
      'Of an imported model the original can be imported again; its training cannot be repeated.',
    );
  }
  const parent = run.tags[PARENT_RUN_TAG];
  if (parent !== undefined) {
    return refuse(
      `is one candidate of run ${parent}`,
      `Reproduce the whole: \`npx arboleda reproduce ${parent}\`.`,
    );
  }
  if (status !== 'FINISHED') return refuse(`is ${status}: only a finished run has a result to compare with`);
  const { sourceSha256 } = lineage;
  if (sourceSha256 === undefined) return refuse('has no data in its lineage');
  return { pipeline, sourceSha256 };
}
