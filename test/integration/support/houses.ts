import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { Upload } from '../../../bin/cli/api-types.ts';
import { admin } from './api.ts';

export const HEADER = 'rooms,area,age,price';

/** Lines of houses that a model can learn from, none of them twice. */
export const houses = (n: number): string =>
  Array.from({ length: n }, (_, i) => {
    const [rooms, area, age] = [2 + (i % 9), 60 + ((i * 37) % 191), (i * 13) % 89];
    return `${rooms},${area},${age},${20_000 + rooms * 9_000 + area * 800 - age * 300 + ((i * 7919) % 9_973)}`;
  }).join('\n');

/** A whole file of them: small, so that a run takes seconds. */
export const housesFile = (n: number): string => `${HEADER}\n${houses(n)}\n`;

/** Uploads bytes as a caller does and makes them the source of housing. */
export async function pushHouses(
  bytes: Uint8Array<ArrayBuffer> | string,
  fileName = 'houses.csv',
): Promise<void> {
  const body = new Uint8Array(typeof bytes === 'string' ? Buffer.from(bytes) : bytes);
  const sha256 = createHash('sha256').update(body).digest('hex');
  const upload = await admin().post<Upload>('/data/uploads', { fileName, bytes: body.length, sha256 });
  const put = await fetch(upload.url, { method: 'PUT', headers: upload.headers, body });
  expect(put.status).toBe(200);
  await admin().post('/pipelines/housing/data', { uploadId: upload.uploadId });
}

/** Makes the repository's own file the source again. */
export const pushAmes = (): Promise<void> =>
  pushHouses(
    new Uint8Array(
      readFileSync(new URL('../../../data/housing/ames_rooms_area_age.csv.gz', import.meta.url)),
    ),
    'ames_rooms_area_age.csv.gz',
  );
