import { S3Client } from '@aws-sdk/client-s3';

/** A small call answers in milliseconds: past these it is lost, and another try is better than waiting. */
export const SMALL = client(10_000);
/** An object may be hundreds of megabytes: only silence ends its transfer. */
const LARGE = { ...client(0), requestHandler: { connectionTimeout: 3_000, socketTimeout: 30_000 } };

function client(requestTimeout: number) {
  return {
    maxAttempts: 5,
    retryMode: 'standard' as const,
    requestHandler: { connectionTimeout: 3_000, requestTimeout, throwOnRequestTimeout: true },
  };
}

/**
 * Path style where the endpoint is the caller's own: `bucket.host` needs a wildcard in the DNS, which AWS's endpoint has and
 * others need not have. Both variables are the SDK's own.
 */
function pathStyle(env: Record<string, string | undefined>): boolean {
  return Boolean(env.AWS_ENDPOINT_URL_S3 || env.AWS_ENDPOINT_URL);
}

/** A client of S3 as every store here needs it. */
export const s3Client = (): S3Client =>
  new S3Client({
    ...LARGE,
    forcePathStyle: pathStyle(process.env),
    // A checksum that the SDK adds by itself would be part of a presigned URL, and no client could then use it.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });

/** Makes it at the first call. */
export function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
