import { emulatorEnv } from './deploy.ts';
import { DeployError } from './errors.ts';

/** A secret's value by its ARN; the AWS settings are those of `env`. Undefined where it is empty or absent. */
export async function readSecret(
  arn: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string | undefined> {
  // Loaded when needed: most commands need no AWS client.
  const { openStores, readEnvironment } = await import('../../lib/store/index.ts');
  Object.assign(process.env, env);
  return openStores(readEnvironment({ ARBOLEDA_ADMIN_SECRET_ARN: arn })).adminSecret.read();
}

/** The first admin token, which the deployment made. @throws DeployError where the emulator has none. */
export async function readAdminToken(endpoint: string, arn: string): Promise<string> {
  const token = await readSecret(arn, emulatorEnv(endpoint));
  if (!token) throw new DeployError(`the deployment left no admin token in the secret ${arn}`);
  return token;
}
