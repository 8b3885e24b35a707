import { ArboledaError, TooLargeError, TransientError, withoutSecrets } from '../../lib/errors/index.ts';

/**
 * Step Functions ends an execution whose state passes 256 KB with States.DataLimitExceeded, which no `States.ALL` catches.
 * An answer is joined to what the state holds already, so it may have half of that.
 */
export const MAX_ANSWER_BYTES = 128 * 1024;
/** A caught error lies in the state too: as message, and again in the stack. */
const MAX_MESSAGE_CHARACTERS = 4_000;

/**
 * The answer of a function to the state machine, as it is.
 * @throws TooLargeError before Step Functions would end the execution past any Catch
 */
export function fitsState<T>(answer: T): T {
  const size = Buffer.byteLength(JSON.stringify(answer) ?? '');
  if (size <= MAX_ANSWER_BYTES) return answer;
  throw new TooLargeError(`an answer of ${size} bytes to the state machine, over ${MAX_ANSWER_BYTES}`, {
    remedy: 'A fault of the stage: it must hand on keys, not data.',
  });
}

/**
 * An error as Step Functions should see it. It matches names, not classes, so all that may be tried again goes out under
 * the one name that is retried; and a message that quotes half a file is cut, so that the state can hold it. It is in the function's
 * log and the execution's history from then on: what is a secret by its form is taken out of it.
 */
export function forStateMachine(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const whole = withoutSecrets(error.message);
  const message =
    whole.length > MAX_MESSAGE_CHARACTERS ? `${whole.slice(0, MAX_MESSAGE_CHARACTERS)} …` : whole;
  if (error instanceof ArboledaError && error.transient && error.name !== TransientError.name)
    return new TransientError(`${error.name}: ${message}`, { cause: error });
  if (message === error.message) return error;
  const short = new Error(message);
  short.name = error.name;
  return short;
}
