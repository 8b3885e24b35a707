import { describe, expect, it } from 'vitest';
import { LAMBDA_PAYLOAD_BYTES } from '../../../../lib/http/limits.ts';
import {
  clientSettings,
  exportLines,
  MULTIPART_FROM_BYTES,
} from '../../../../lib/http/mlflow/client-settings.ts';
import { consoleHtml } from '../../../../lib/http/pages/console.ts';

describe('what an MLflow client is told', () => {
  it('names the address without a slash at its end, as the client appends paths to it', () => {
    expect(clientSettings('https://x.example/v1/', 'arb_t')).toEqual({
      MLFLOW_TRACKING_URI: 'https://x.example/v1',
      MLFLOW_TRACKING_TOKEN: 'arb_t',
      MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD: 'true',
      MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE: '4194304',
    });
  });

  it('leaves no size of file that neither goes in parts nor fits whole', () => {
    // Base64 makes 4 bytes of 3, in an event that has headers and the like besides.
    expect((MULTIPART_FROM_BYTES / 3) * 4 + 64 * 1024).toBeLessThan(LAMBDA_PAYLOAD_BYTES);
    expect(((5 * 1024 * 1024) / 3) * 4).toBeGreaterThan(LAMBDA_PAYLOAD_BYTES);
  });

  it('is lines of shell, and stands on the page', () => {
    const lines = exportLines(clientSettings('$API', '$TOKEN'));
    expect(lines.split('\n')).toEqual([
      'export MLFLOW_TRACKING_URI=$API',
      'export MLFLOW_TRACKING_TOKEN=$TOKEN',
      'export MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD=true',
      'export MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE=4194304',
    ]);
    const page = consoleHtml({ script: '', style: '', version: '0', exampleRow: {} });
    const settings = /<script type="application\/json" id="settings">(.*?)<\/script>/s.exec(page)?.[1];
    expect(JSON.parse(settings ?? '{}')).toMatchObject({ mlflow: lines });
  });
});
