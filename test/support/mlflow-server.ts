/**
 * The API over stores in memory as a server, for the real `mlflow` client: `node test/support/mlflow-server.ts [PORT]` prints the
 * two exports and serves until it is interrupted. `LOG=info` shows a line a request.
 */
import { pino } from 'pino';
import { startMlflowServer } from './mlflow/server.ts';

const logger = pino({ base: null, level: process.env.LOG ?? 'error' }, process.stderr);
const { url, token } = await startMlflowServer(Number(process.argv[2] ?? 0), logger);
process.stdout.write(`export MLFLOW_TRACKING_URI=${url}\nexport MLFLOW_TRACKING_TOKEN=${token}\n`);
