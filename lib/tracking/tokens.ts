import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { InvalidInputError, NotFoundError } from '../errors/index.ts';
import { collect } from '../store/paging.ts';
import type { Clock, Item, ItemStore, SecretReader } from '../store/ports.ts';
import { key, partition } from './keys.ts';
import { checkWorkspace } from './names.ts';
import { type Principal, ROLES, type Role, type Token } from './types.ts';

/** The start of every token, so that people and secret scanners know one when they see it. */
export const TOKEN_PREFIX = 'arb_';
/** The workspace that a deploy makes, and that the first admin token belongs to. */
export const DEFAULT_WORKSPACE = 'default';

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Tokens: made once, shown once, kept as SHA-256. */
export class Tokens {
  readonly #items: ItemStore;
  readonly #clock: Clock;
  readonly #adminSecret: SecretReader | undefined;

  /** @param adminSecret the first admin token, made at deploy. */
  constructor(items: ItemStore, clock: Clock, adminSecret?: SecretReader) {
    this.#items = items;
    this.#clock = clock;
    this.#adminSecret = adminSecret;
  }

  /**
   * A new token of 256 random bits. The text is in the answer and nowhere else.
   *
   * @throws InvalidInputError on a role, name or time of expiry that is not allowed.
   */
  async create(
    ws: string,
    given: { role: Role; name: string; expiresAt?: string },
  ): Promise<{ token: string; record: Token }> {
    const { role, name } = given;
    const createdAt = this.#clock.now();
    if (!ROLES.includes(role)) throw new InvalidInputError(`no role ${String(role)}`, { field: 'role' });
    if (typeof name !== 'string' || name.trim() === '' || name.length > 100) {
      throw new InvalidInputError('a token needs a name of 1 to 100 characters', { field: 'name' });
    }
    const expiresAt = given.expiresAt === undefined ? undefined : expiry(given.expiresAt, createdAt);
    const token = TOKEN_PREFIX + randomBytes(32).toString('base64url');
    const record: Token = {
      tokenId: randomBytes(8).toString('hex'),
      workspace: checkWorkspace(ws),
      role,
      name,
      createdAt: createdAt.toISOString(),
      ...(expiresAt !== undefined && { expiresAt }),
    };
    const hash = sha256(token).toString('hex');
    await this.#items.transact([
      { put: { ...key.tokenHash(hash), ...record }, condition: { absent: true } },
      { put: { ...key.token(ws, record.tokenId), ...record, hash }, condition: { absent: true } },
    ]);
    return { token, record };
  }

  /** All tokens of a workspace, the revoked and expired too, without their hashes. */
  async list(ws: string): Promise<Token[]> {
    const found = await collect(this.#items, { pk: partition.tokens(ws), consistent: true });
    return found.map(toToken).sort((a, b) => a.createdAt.localeCompare(b.createdAt));
  }

  /** From now on the token is refused. Revoking again changes nothing. @throws NotFoundError */
  async revoke(ws: string, tokenId: string): Promise<Token> {
    const place = key.token(ws, tokenId);
    const item = await this.#items.get(place, { consistent: true });
    if (!item) throw new NotFoundError(`no token ${tokenId}`);
    if (item.revokedAt !== undefined) return toToken(item);
    const change = { setIfAbsent: { revokedAt: this.#clock.now().toISOString() } };
    await this.#items.transact([
      { update: key.tokenHash(item.hash as string), change },
      { update: place, change, condition: { exists: true } },
    ]);
    return toToken({ ...item, ...change.setIfAbsent });
  }

  /**
   * Who a token stands for; undefined where it is unknown, revoked or expired. One strongly consistent read, so that a
   * revocation is seen at once.
   */
  async authenticate(token: string): Promise<Principal | undefined> {
    if (typeof token !== 'string' || token === '' || token.length > 500) return undefined;
    const hash = sha256(token);
    if (token.startsWith(TOKEN_PREFIX)) {
      const item = await this.#items.get(key.tokenHash(hash.toString('hex')), { consistent: true });
      if (item) return this.#principal(item);
    }
    const secret = await this.#adminSecret?.read();
    // Hashes have one length and tell nothing of where two texts part, so the comparison takes the same time for any.
    if (!secret || !timingSafeEqual(hash, sha256(secret))) return undefined;
    return { tokenId: 'admin', workspace: DEFAULT_WORKSPACE, role: 'admin', name: 'first admin' };
  }

  #principal(item: Item): Principal | undefined {
    const { tokenId, workspace, role, name, expiresAt, revokedAt } = toToken(item);
    if (revokedAt !== undefined) return undefined;
    if (expiresAt !== undefined && Date.parse(expiresAt) <= this.#clock.now().getTime()) return undefined;
    return { tokenId, workspace, role, name };
  }
}

function toToken(item: Item): Token {
  const { pk: _, sk: __, hash: ___, ...token } = item;
  return token as unknown as Token;
}

function expiry(given: string, now: Date): string {
  const time = Date.parse(given);
  if (Number.isNaN(time)) throw new InvalidInputError('expiresAt is no time', { field: 'expiresAt' });
  if (time <= now.getTime()) throw new InvalidInputError('expiresAt has passed', { field: 'expiresAt' });
  return new Date(time).toISOString();
}
