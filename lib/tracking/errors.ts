import { ConflictError, InvalidInputError } from '../errors/index.ts';

/** A name or id that breaks its rule. */
export class InvalidNameError extends InvalidInputError {
  static override readonly code: string = 'INVALID_NAME';
  static override readonly remedy: string = 'Use a name that follows the rule in the message.';
}

/** A parameter was logged before with another value. Nothing was written. */
export class ParamChangedError extends ConflictError {
  static override readonly code: string = 'PARAM_CHANGED';
  static override readonly remedy: string =
    'Parameters are written once: use another key, or a tag, or a new run.';
}

/** The run is deleted: it keeps what it has, and takes nothing new. */
export class RunDeletedError extends InvalidInputError {
  static override readonly code: string = 'RUN_DELETED';
  static override readonly remedy: string =
    'Restore it: `mlflow runs restore --run-id ID`, or POST /api/2.0/mlflow/runs/restore.';
}

/** The experiment is deleted: it keeps what it has, and changes no more. */
export class ExperimentDeletedError extends ConflictError {
  static override readonly code: string = 'EXPERIMENT_DELETED';
  static override readonly remedy: string =
    'Restore it: `mlflow experiments restore --experiment-id ID`, or POST /api/2.0/mlflow/experiments/restore.';
}

/** The run is FINISHED, FAILED or KILLED, and that is final. */
export class RunEndedError extends ConflictError {
  static override readonly code: string = 'RUN_ENDED';
  static override readonly remedy: string = 'Start a new run, or retry one that FAILED or was KILLED.';
}

/** Only a FAILED or KILLED run has a next attempt. */
export class NotRetryableError extends ConflictError {
  static override readonly code: string = 'NOT_RETRYABLE';
  static override readonly remedy: string = 'Wait until the run has ended, or start a new one.';
}

/** The alias did not hold the version that the mover expected: another move came first. */
export class AliasMovedError extends ConflictError {
  static override readonly code: string = 'ALIAS_MOVED';
  static override readonly remedy: string =
    'Read the alias, compare again, and move it with the version it holds now.';
}

/** The alias holds no earlier version to go back to. */
export class NothingToRollBackError extends ConflictError {
  static override readonly code: string = 'NOTHING_TO_ROLL_BACK';
  static override readonly remedy: string = 'Move the alias to a version by name.';
}

/** The version is in another stage than the mover expected: another transition came first. */
export class StageMovedError extends ConflictError {
  static override readonly code: string = 'STAGE_MOVED';
  static override readonly remedy: string = 'Read the version, and move it from the stage it is in now.';
}

/** The model's policy lets only a version in Staging become the one in production. Nothing was written. */
export class StagingRequiredError extends ConflictError {
  static override readonly code: string = 'STAGING_REQUIRED';
  static override readonly remedy: string =
    'Move it to Staging first: `npx arboleda stage MODEL VERSION Staging`; or turn the policy off: `npx arboleda policy MODEL --require-staging off`.';
}

/** An active stage has as many versions as one transaction can move. */
export class StageFullError extends ConflictError {
  static override readonly code: string = 'STAGE_FULL';
  static override readonly remedy: string =
    'Archive some of its versions, or repeat it with archiveExisting (`--archive-existing`).';
}

/** The version has no model file of ours: it was registered by an MLflow client from files of another flavour. */
export class ForeignModelError extends ConflictError {
  static override readonly code: string = 'FOREIGN_MODEL';
  static override readonly remedy: string =
    'Load it with `mlflow.pyfunc.load_model("models:/NAME/VERSION")` where its library is installed, or name a version that a pipeline made.';
}

/** The name belongs to another model. */
export class ModelExistsError extends ConflictError {
  static override readonly code: string = 'MODEL_EXISTS';
  static override readonly remedy: string = 'Choose another name, or rename or delete the model that has it.';
}

/** What is stored of a model or version in one item would be more than the table takes. Nothing was written. */
export class RegistryItemFullError extends InvalidInputError {
  static override readonly code: string = 'REGISTRY_ITEM_FULL';
  static override readonly remedy: string =
    'Keep long texts as an artifact of the run; delete tags that are not needed.';
}
