import { emulatorEnv } from './deploy.ts';
import { DeployError } from './errors.ts';

/** A secret's value by its ARN, by the AWS settings of this process. Undefined where it is empty or absent. */
export async function readSecret(arn: string): Promise<string | undefined> {
  // Loaded when needed: most commands need no AWS client.
  const { openStores, readEnvironment } = await import('../../lib/store/index.ts');
  return openStores(readEnvironment({ ARBOLEDA_ADMIN_SECRET_ARN: arn })).adminSecret?.read();
}

/** The first admin token, which the deployment made. @throws DeployError where the emulator has none. */
export async function readAdminToken(endpoint: string, arn: string): Promise<string> {
  const token = await withAwsSettings(emulatorEnv(endpoint), () => readSecret(arn));
  if (!token) throw new DeployError(`the deployment left no admin token in the secret ${arn}`);
  return token;
}

const isAws = ([name]: [string, unknown]): boolean => name.startsWith('AWS_');

/** Does `work` under the AWS settings of `env` alone: a profile of the user's own must not reach an emulator. */
async function withAwsSettings<T>(env: NodeJS.ProcessEnv, work: () => Promise<T>): Promise<T> {
  const before = Object.entries(process.env).filter(isAws);
  const use = (settings: [string, string | undefined][]) => {
    for (const [name] of Object.entries(process.env).filter(isAws)) delete process.env[name];
    for (const [name, value] of settings) process.env[name] = value;
  };
  use(Object.entries(env).filter(isAws));
  try {
    return await work();
  } finally {
    use(before);
  }
}
