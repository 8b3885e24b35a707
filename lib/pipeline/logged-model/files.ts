import type { ModelManifest } from '../../learn/index.ts';
import { exampleRow } from '../../table/index.ts';
import { signatureOf } from './signature.ts';
import { yamlOf } from './yaml.ts';

export const MODEL_FILE = 'model.arbm';
const EXAMPLE = 'input_example.json';
const SERVING_EXAMPLE = 'serving_input_example.json';

/** A model as its files tell of it. */
export interface Described {
  modelId: string;
  runId: string;
  artifactLocation: string;
  /** Epoch milliseconds. */
  createdAt: number;
  manifest: ModelManifest;
  sha256: string;
  bytes: number;
}

/**
 * The small files of a logged model, by name: MLmodel, which `mlflow.models.Model.load` reads, with signature and our
 * flavour, and an example row in the two forms that MLflow keeps. It has no flavour `python_function`: Python cannot run
 * the model, and `mlflow.pyfunc.load_model` says so.
 */
export function modelFiles(described: Described): Record<string, string> {
  const { manifest } = described;
  const { rowSchema, target, profile, preprocessing } = manifest;
  const row = exampleRow({ rowSchema, target, input: preprocessing.input, ...(profile && { profile }) });
  const split = { columns: Object.keys(row), data: [Object.values(row)] };
  return {
    MLmodel: mlmodel(described),
    [EXAMPLE]: `${JSON.stringify(split)}\n`,
    [SERVING_EXAMPLE]: `${JSON.stringify({ dataframe_split: split }, null, 2)}\n`,
  };
}

function mlmodel({ manifest, modelId, ...described }: Described): string {
  const { algorithm, task, target, features, classes } = manifest;
  return yamlOf({
    artifact_path: described.artifactLocation,
    flavors: {
      arboleda: {
        data: MODEL_FILE,
        format: `arboleda-model ${manifest.version}`,
        sha256: described.sha256,
        algorithm,
        task,
        target,
        features: features.length,
        classes: classes.length,
        served_by: 'POST /models/NAME/invocations, or `npx arboleda predict --model FILE`',
      },
    },
    is_signature_from_type_hint: false,
    model_id: modelId,
    model_size_bytes: described.bytes,
    model_uuid: modelId,
    prompts: null,
    run_id: described.runId,
    saved_input_example_info: {
      artifact_path: EXAMPLE,
      pandas_orient: 'split',
      serving_input_path: SERVING_EXAMPLE,
      type: 'dataframe',
    },
    signature: { ...signatureOf(manifest) },
    type_hint_from_example: false,
    // As Python writes a datetime: microseconds, no zone.
    utc_time_created: new Date(described.createdAt).toISOString().replace('T', ' ').replace('Z', '000'),
  });
}
