import type { TooLargeError } from '../errors/index.ts';
import { BodyTooLargeError } from './errors.ts';
import { MAX_BODY_BYTES } from './limits.ts';
import type { HttpRequest } from './message.ts';
import { MULTIPART_FROM_BYTES } from './mlflow/client-settings.ts';

/** S3's least part that is not the last: the size that MLflow's documents advise. */
const LEAST_PART = 5_242_880;
const VARIABLE = 'MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE';

/** The refusal of a body over the limit: 413, with what to do about it in its text. */
export function bodyTooLarge(request: Pick<HttpRequest, 'segments'>, bytes: number): TooLargeError {
  return new BodyTooLargeError(`the body has ${bytes} bytes or more; ${MAX_BODY_BYTES} are taken`, {
    field: 'body',
    details: { bytes, limit: MAX_BODY_BYTES },
    ...(isArtifact(request) ? { remedy: uploadAdvice(bytes) } : {}),
  });
}

/** What the user of MLflow's client sets, so that a file of this size goes straight to S3. */
function uploadAdvice(bytes: number): string {
  const value =
    bytes < LEAST_PART
      ? String(MULTIPART_FROM_BYTES)
      : `${LEAST_PART} (or ${MULTIPART_FROM_BYTES}, which leaves no size without a way)`;
  return (
    `Larger files go straight to S3 in parts: set ${VARIABLE}=${value} in the environment of the client, ` +
    'which waits for 500 MB otherwise, and log the file again. ' +
    'A client that does not ask the server for it needs MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD=true too.'
  );
}

function isArtifact({ segments }: Pick<HttpRequest, 'segments'>): boolean {
  return segments[0] === 'api' && segments[2] === 'mlflow-artifacts' && segments[3] === 'artifacts';
}
