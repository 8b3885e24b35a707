import { BadDataError } from '../../errors/index.ts';

/** A model from elsewhere is sound and yet asks for what is not done here. Permanent. */
export class UnsupportedModelError extends BadDataError {
  static override readonly code: string = 'UNSUPPORTED_MODEL';
  static override readonly remedy: string =
    'Convert the trees alone, as scikit-learn, LightGBM or XGBoost made them; docs/exchange.md says what is read.';
}

/** A model from here cannot be said in the other format. Permanent. */
export class NotExportableError extends BadDataError {
  static override readonly code: string = 'NOT_EXPORTABLE';
  static override readonly remedy: string = 'See docs/exchange.md for what each format can hold.';
}
