import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadPipelines } from '../../lib/pipeline/index.ts';
import type { Resource } from './support.ts';

const root = resolve(import.meta.dirname, '../..');
let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'arboleda-synth-'));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** `npx cdk synth` on a machine that knows no AWS account: no credentials, no profile, no region, no home with either. */
const synth = (...args: string[]) =>
  promisify(execFile)(
    join(root, 'node_modules/.bin/cdk'),
    ['synth', '--quiet', '--output', join(home, 'cdk.out'), ...args],
    { cwd: root, env: { PATH: process.env.PATH, HOME: home, AWS_EC2_METADATA_DISABLED: 'true', CI: 'true' } },
  );

// Two processes that bundle everything: seconds alone, more beside the other tests.
describe('npx cdk synth, without an account', { timeout: 300_000 }, () => {
  it('makes the template of the real app, a schedule for each pipeline that asks for one, no finding of cdk-nag', async () => {
    const { stdout, stderr } = await synth();
    expect(stdout + stderr).not.toMatch(/AwsSolutions-|credential|\[Error|\[Warning/i);
    const files = readdirSync(join(home, 'cdk.out'));
    expect(files).toContain('arboleda-dev.template.json');
    const template: { Resources: Record<string, Resource> } = JSON.parse(
      readFileSync(join(home, 'cdk.out/arboleda-dev.template.json'), 'utf8'),
    );
    const resources = Object.values(template.Resources);
    expect(resources.filter(({ Type }) => Type === 'AWS::StepFunctions::StateMachine')).toHaveLength(1);
    expect(resources.length).toBeLessThan(200);
    const scheduled = (await loadPipelines(join(root, 'data'))).filter(({ schedule }) => schedule);
    expect(scheduled.length).toBeGreaterThanOrEqual(2);
    const rules = resources.filter(({ Type }) => Type === 'AWS::Events::Rule');
    for (const { name, schedule } of scheduled) {
      const rule = rules.find(({ Properties }) => Properties.Name === `arboleda-dev-schedule-${name}`);
      expect(rule?.Properties.ScheduleExpression, name).toBe(schedule);
    }
  });

  it('names a wrong setting, and fails', async () => {
    await expect(synth('-c', 'memory=lots')).rejects.toMatchObject({
      stderr: expect.stringMatching(/BAD_SETTING: .*-c memory="lots"/s),
    });
  });
});
