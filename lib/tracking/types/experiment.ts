/** Experiments. */

export interface Experiment {
  workspace: string;
  /** Decimal digits, as MLflow's clients expect. "0" is Default. */
  experimentId: string;
  name: string;
  createdAt: string;
  /** When it was last renamed, deleted or restored; tags do not count. */
  lastUpdateTime: string;
  /** A deleted one keeps its name, so that it can be restored. */
  lifecycleStage: LifecycleStage;
  /** Where its runs' files are, as a client asks for them: `mlflow-artifacts:/ID`, unless it was made with another. */
  artifactLocation: string;
  tags: Record<string, string>;
}

/** MLflow's soft delete: what is deleted keeps all it has, takes nothing new, and can be restored. */
export type LifecycleStage = 'active' | 'deleted';
