import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { awsName, fromAws } from './aws-errors.ts';
import type { Clock, SecretReader } from './ports.ts';

/** How long a value is believed: a rotated secret is seen after this, and a flood of wrong tokens costs one call. */
export const SECRET_TTL_MS = 60_000;

/** Secrets Manager, one secret, kept in memory for a minute. */
export class SecretsManagerReader implements SecretReader {
  readonly #client: SecretsManagerClient;
  readonly #secretId: string;
  readonly #clock: Clock;
  #known: { value: string | undefined; at: number } | undefined;

  constructor(client: SecretsManagerClient, secretId: string, clock: Clock = { now: () => new Date() }) {
    this.#client = client;
    this.#secretId = secretId;
    this.#clock = clock;
  }

  async read(): Promise<string | undefined> {
    const now = this.#clock.now().getTime();
    if (this.#known && now - this.#known.at < SECRET_TTL_MS) return this.#known.value;
    const value = await this.#fetch();
    this.#known = { value, at: now };
    return value;
  }

  async #fetch(): Promise<string | undefined> {
    try {
      const { SecretString } = await this.#client.send(
        new GetSecretValueCommand({ SecretId: this.#secretId }),
      );
      return SecretString || undefined;
    } catch (error) {
      if (awsName(error) === 'ResourceNotFoundException') return undefined;
      throw fromAws(error, 'Secrets Manager read');
    }
  }
}
