/** Bytes above which the client uploads in parts, straight to S3: under what fits whole through the gateway. */
export const MULTIPART_FROM_BYTES = 4 * 1024 * 1024;

/**
 * What MLflow's client is told by environment variables to use a deployment. Without the last two it sends a file of up to
 * 500 MB whole, and a gateway takes about 4.5 MB. The size often given, S3's least part of 5242880, would leave files
 * of 4.5 to 5 MB without a way; a file of a single part may be smaller than that.
 *
 * @param apiUrl with the gateway's stage: the client appends `/api/2.0/mlflow/...`.
 * @example clientSettings('https://abc.execute-api.eu-west-1.amazonaws.com/v1', 'arb_...')
 */
export const clientSettings = (apiUrl: string, token: string): Readonly<Record<string, string>> => ({
  MLFLOW_TRACKING_URI: apiUrl.replace(/\/+$/, ''),
  MLFLOW_TRACKING_TOKEN: token,
  MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD: 'true',
  MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE: String(MULTIPART_FROM_BYTES),
});

/** The same as lines of shell. */
export const exportLines = (settings: Readonly<Record<string, string>>): string =>
  Object.entries(settings)
    .map(([name, value]) => `export ${name}=${value}`)
    .join('\n');
