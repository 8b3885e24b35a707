import { writeFile } from 'node:fs/promises';
import { exportForestJson, exportOnnx } from '../../lib/learn/exchange/index.ts';
import { modelAt, writing } from './model-path.ts';

export const exchangeFormats = ['onnx', 'ml-random-forest'] as const;
export type ExchangeFormat = (typeof exchangeFormats)[number];

export interface ExportedModel {
  out: string;
  format: ExchangeFormat;
  algorithm: string;
  bytes: number;
  features: number;
  classes: readonly string[];
  /** Where whoever runs the file may see other answers than here. */
  notes: string[];
}

/**
 * Writes a model in another format, without any cloud.
 *
 * @throws InvalidInputError, IntegrityError for the model's file; NotExportableError where the format cannot hold it
 */
export async function exportModel(options: {
  model: string;
  format: ExchangeFormat;
  out: string;
}): Promise<ExportedModel> {
  const { format, out } = options;
  const { model, manifest } = await modelAt(options.model);
  const { name, target, preprocessing, rowSchema } = manifest;
  const notes: string[] = [];
  let body: Uint8Array | string;
  if (format === 'onnx') {
    body = exportOnnx(model, { name, target, preprocessing, rowSchema });
    if (preprocessing.steps.length > 0) {
      notes.push(
        'ONNX takes rows after the clean steps; the steps are in the metadata, and nothing but arboleda runs them',
      );
    }
  } else {
    const forest = exportForestJson(model);
    body = `${JSON.stringify(forest.json)}\n`;
    notes.push(...forest.notes);
  }
  await writing(out, () => writeFile(out, body));
  const { algorithm, features, classes } = model;
  return {
    out,
    format,
    algorithm,
    bytes: Buffer.byteLength(body),
    features: features.length,
    classes,
    notes,
  };
}
