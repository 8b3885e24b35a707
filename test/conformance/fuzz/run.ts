/**
 * `npm run fuzz:mlflow -- --seed N --steps N --show N`: says the same random requests of MLflow's protocol to `mlflow server` and to
 * Arboleda over stores in memory, both started for this, and reports where the answers differ. `known.py` lists what is meant;
 * the exit code is 1 where anything else differs. The same seed asks the same.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startMlflowServer } from '../../support/mlflow/server.ts';
import { QUIET, startMlflow } from '../support/mlflow-server.ts';
import { mlflowPython } from '../support/venv.ts';

const {
  values: { trace, ...values },
} = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    steps: { type: 'string', default: '1000' },
    /** Examples of each kind of difference. */
    show: { type: 'string', default: '2' },
    /** A line a step. */
    trace: { type: 'boolean', default: false },
  },
});

const python = await mlflowPython((text) => process.stderr.write(`${text}\n`));
const mlflow = await startMlflow(python);
const arboleda = await startMlflowServer();
try {
  const child = spawn(
    python,
    [
      'fuzz.py',
      ...['--mlflow', mlflow.url, '--arboleda', arboleda.url, '--token', arboleda.token],
      ...Object.entries(values).flatMap(([name, value]) => [`--${name}`, value]),
      ...(trace ? ['--trace'] : []),
    ],
    {
      cwd: fileURLToPath(new URL('.', import.meta.url)),
      env: { ...process.env, ...QUIET, PYTHONDONTWRITEBYTECODE: '1' },
      stdio: 'inherit',
    },
  );
  const [code] = await once(child, 'close');
  process.exitCode = code ?? 1;
} finally {
  await arboleda.close();
  await mlflow.stop();
}
