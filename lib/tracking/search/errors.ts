import { InvalidInputError } from '../../errors/index.ts';

/** A filter, an order or a page token that MLflow would refuse; the message is MLflow's own. */
export class InvalidSearchError extends InvalidInputError {
  static override readonly code: string = 'INVALID_SEARCH';
  static override readonly remedy: string =
    'See docs/mlflow.md for what a filter and an order may say, or leave them out.';
}

/** @throws InvalidSearchError always. */
export function refuse(message: string, field: 'filter' | 'order_by' | 'page_token' = 'filter'): never {
  throw new InvalidSearchError(message, { field });
}
