import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exportOnnx } from '../../lib/learn/exchange/index.ts';
import { ownModels, ownRows } from '../../test/unit/learn/exchange/support/own-models.ts';

/**
 * Writes small models of ours as ONNX, with rows, for fixtures.py to run: the other half of the unit tests' fixtures.
 *
 *     node bench/onnx/ours.ts test/fixtures/learn/exchange/ours
 */
const [folder] = process.argv.slice(2);
if (!folder) throw new Error('usage: node bench/onnx/ours.ts FOLDER');
mkdirSync(folder, { recursive: true });
for (const [name, make] of Object.entries(ownModels)) {
  const model = make();
  writeFileSync(join(folder, `${name}.onnx`), exportOnnx(model, { name, target: 'answer' }));
  writeFileSync(join(folder, `${name}.json`), JSON.stringify({ rows: ownRows(model) }));
}
