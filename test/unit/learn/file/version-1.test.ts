import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { predictRows, readModelFile, writeModelFile } from '../../../../lib/learn/index.ts';

/** Files that the release before native categories wrote, and what it answered. They are never made anew. */
const folder = new URL('../../../fixtures/learn/model-v1/', import.meta.url);
interface Answer {
  importance: number[];
  rows: unknown[];
  predictions: { prediction: string | number; probabilities?: Record<string, number> }[];
}
const answers: Record<string, Answer> = JSON.parse(readFileSync(new URL('answers.json', folder), 'utf8'));
const bytesOf = (name: string) => new Uint8Array(readFileSync(new URL(`${name}.arbm`, folder)));

it('there is an answer for each file', () => {
  const files = readdirSync(folder).filter((file) => file.endsWith('.arbm'));
  expect(files.map((file) => file.replace('.arbm', '')).sort()).toEqual(Object.keys(answers).sort());
  expect(files).toHaveLength(4);
});

it.each(Object.keys(answers))('%s of version 1 is read and predicts as it did', (name) => {
  const loaded = readModelFile(bytesOf(name));
  expect(loaded.manifest.version).toBe(1);
  expect(loaded.manifest.algorithm).toBe(
    name.replace(/-(regression|classification)$/, (end) => (name.startsWith('ml') ? '' : end)),
  );
  const { importance, rows, predictions } = answers[name]!;
  expect([...loaded.model.importance()]).toEqual(importance);
  expect(predictRows(loaded, rows).predictions).toEqual(predictions);
});

it.each(Object.keys(answers))('%s written again is of version 2, and else the same', (name) => {
  const { manifest, model } = readModelFile(bytesOf(name));
  const again = readModelFile(writeModelFile({ ...manifest, model }));
  expect({ ...again.manifest, facts: manifest.facts, sections: manifest.sections }).toEqual({
    ...manifest,
    version: 2,
  });
  expect(again.model.toFile()).toEqual(model.toFile());
});
