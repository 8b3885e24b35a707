import { ArboledaError, errorBody } from '../errors/index.ts';
import type { PredictionService } from './service.ts';

/** What /health says. `status` is `ok` exactly where a prediction by the default model would be answered. */
export interface Health {
  status: 'ok' | 'unavailable';
  model_loaded: boolean;
  model: string | null;
  version: string | null;
  /** Present where not ok. */
  code?: string;
  message?: string;
  remedy?: string;
}

/**
 * Whether the default model can predict now. It loads the model where it is not in memory, which warms the function up;
 * after that it costs an alias look-up every 2 s at most.
 */
export async function checkHealth(
  serving: Pick<PredictionService, 'load'>,
  workspace: string,
  model: string | undefined,
): Promise<Health> {
  const down = { status: 'unavailable', model_loaded: false, model: model ?? null, version: null } as const;
  if (model === undefined) {
    return {
      ...down,
      code: 'NOT_READY',
      message: 'no default model is configured',
      remedy: 'Set ARBOLEDA_DEFAULT_MODEL, or ask a model by name: POST /models/NAME/predict.',
    };
  }
  try {
    const { version } = await serving.load(workspace, model);
    return { status: 'ok', model_loaded: true, model: version.name, version: version.version };
  } catch (error) {
    // Nothing was ever registered: for a probe that is "not ready", not "not found".
    const notReady = error instanceof ArboledaError && (error.status === 404 || error.status === 503);
    const { message, remedy } = errorBody(error);
    return notReady
      ? { ...down, code: 'NOT_READY', message, remedy: NOT_READY_REMEDY }
      : { ...down, code: 'MODEL_UNAVAILABLE', message, remedy };
  }
}

export const NOT_READY_REMEDY = 'Train and promote a model first: `npx arboleda run PIPELINE --wait`.';
