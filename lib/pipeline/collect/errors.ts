import { ArboledaError, InvalidInputError } from '../../errors/index.ts';

/** What a source may do wrong; each is counted under its name. */
export type FaultKind =
  | 'unreachable'
  | 'timeout'
  | 'server-error'
  | 'refused'
  | 'too-large'
  | 'truncated'
  | 'malformed';

/** The source did not deliver a subset. The next poll tries again; nothing was stored. */
export class SourceFaultError extends ArboledaError {
  static override readonly code = 'SOURCE_FAULT';
  static override readonly status = 502;
  static override readonly remedy = 'The next poll tries again; see `npx arboleda collector PIPELINE`.';
  readonly kind: FaultKind;

  constructor(kind: FaultKind, message: string, options: ErrorOptions = {}) {
    super(message, { cause: options.cause, details: { kind } });
    this.kind = kind;
  }
}

/** The address is one that the collector must not call. */
export class ForbiddenAddressError extends InvalidInputError {
  static override readonly code = 'FORBIDDEN_ADDRESS';
  static override readonly remedy =
    'Name a public http or https address. A private one needs a deploy with `-c collectPrivate=on`; link-local ones are never called.';
}

/** The pipeline's definition names no `httpBatches` source. */
export class NotCollectedError extends InvalidInputError {
  static override readonly code = 'NOT_COLLECTED';
  static override readonly remedy =
    'Name `httpBatches({...})` among the sources of data/<pipeline>/pipeline.ts.';
}
