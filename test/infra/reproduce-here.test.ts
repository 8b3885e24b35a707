import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { hereIn } from '../../bin/cli/reproduce/here.ts';
import { ROOT } from '../../bin/local/paths.ts';
import { bundleApp } from '../../lib/infra/app.ts';
import { loadPipelines } from '../../lib/pipeline/index.ts';

it('knows the code versions and definitions that a deploy of this working copy would record', async () => {
  const [here, definitions] = await Promise.all([hereIn(ROOT), loadPipelines(`${ROOT}/data`)]);
  const deployed = await bundleApp({ root: ROOT, pipelines: definitions });
  const { surroundings, catalog } = here;
  expect(catalog.names()).toEqual(definitions.map(({ name }) => name).sort());
  expect(catalog.names()).toEqual(readdirSync(`${ROOT}/data`).sort());
  for (const name of catalog.names()) {
    const found = surroundings(name);
    expect(Object.keys(found.codeVersions!)).toEqual(['plan', 'ingest', 'clean', 'train', 'evaluate']);
    for (const [stage, version] of Object.entries(found.codeVersions!)) {
      expect(version).toBe(deployed[stage]!.codeVersion);
    }
    expect(found.definitionSha256).toMatch(/^[0-9a-f]{64}$/);
    expect(found.nodeVersion).toBe(process.version);
    const lockfile = readFileSync(`${ROOT}/package-lock.json`);
    expect(found.lockfileSha256).toBe(createHash('sha256').update(lockfile).digest('hex'));
  }
  expect(() => surroundings('hosing')).toThrow(/no pipeline named "hosing"/);
});
