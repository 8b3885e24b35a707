import { describe, expect, it } from 'vitest';
import { BadSettingError, parseSettings } from '../../lib/infra/index.ts';
import { fixtureApp, stackOf } from './support.ts';

const failure = (values: Record<string, unknown>): BadSettingError => {
  try {
    parseSettings(values);
  } catch (error) {
    return error as BadSettingError;
  }
  throw new Error('was accepted');
};

describe('parseSettings', () => {
  it('has a default for every setting', () => {
    expect(parseSettings({})).toEqual({
      env: 'dev',
      removalPolicy: 'destroy',
      memory: 3008,
      trainSeconds: 600,
      mapConcurrency: 4,
      logRetentionDays: 30,
      defaultModel: 'housing',
      schedules: 'on',
      collectPrivate: 'off',
      samples: false,
      traceCalls: '0',
      workspaces: ['default'],
    });
  });

  it('retains in prod, unless told otherwise', () => {
    expect(parseSettings({ env: 'prod' }).removalPolicy).toBe('retain');
    expect(parseSettings({ env: 'prod', removalPolicy: 'destroy' }).removalPolicy).toBe('destroy');
    expect(parseSettings({ env: 'test', removalPolicy: 'retain' }).removalPolicy).toBe('retain');
  });

  it('takes numbers as the command line gives them', () => {
    const settings = parseSettings({
      memory: '1024',
      mapConcurrency: '8',
      logRetentionDays: '7',
      traceCalls: '1',
    });
    expect(settings).toMatchObject({ memory: 1024, mapConcurrency: 8, logRetentionDays: 7, traceCalls: '1' });
    expect(parseSettings({ workspaces: 'default,team-a' }).workspaces).toEqual(['default', 'team-a']);
  });

  it.each([
    [{ env: 'Prod' }, 'env', 'must be 1 to 16'],
    [{ env: '' }, 'env', 'must be 1 to 16'],
    [{ env: 'a-name-longer-than-16' }, 'env', 'must be 1 to 16'],
    [{ memory: '127' }, 'memory', '128'],
    [{ memory: '10241' }, 'memory', '10240'],
    [{ memory: '3e3' }, 'memory', 'whole number'],
    [{ memory: '-1' }, 'memory', 'whole number'],
    [{ mapConcurrency: '0' }, 'mapConcurrency', '1'],
    [{ mapConcurrency: '41' }, 'mapConcurrency', '40'],
    [{ logRetentionDays: '31' }, 'logRetentionDays', 'must be one of'],
    [{ alarmEmail: 'nobody' }, 'alarmEmail', 'e-mail'],
    [{ removalPolicy: 'snapshot' }, 'removalPolicy', 'retain'],
    [{ schedules: 'yes' }, 'schedules', 'on'],
    [{ traceCalls: 'true' }, 'traceCalls', ''],
    [{ defaultModel: 'a b' }, 'defaultModel', 'model name'],
    [{ workspaces: 'a,,b' }, 'workspaces', 'separated by commas'],
  ])('refuses %j and names the setting', (values, name, why) => {
    const error = failure(values);
    expect(error).toBeInstanceOf(BadSettingError);
    expect(error.code).toBe('BAD_SETTING');
    expect(error.field).toBe(name);
    expect(error.message).toContain(`-c ${name}=`);
    expect(error.message).toContain(why);
  });

  it('names every wrong setting at once', () => {
    expect(failure({ env: 'X', memory: 'much' }).message).toMatch(/-c env="X".*-c memory="much"/s);
  });
});

describe('context', () => {
  it('names the stack and all in it after the environment', async () => {
    const stack = stackOf(await fixtureApp({ env: 'prod' }));
    expect(stack.stackName).toBe('arboleda-prod');
    expect(stack.terminationProtection).toBe(true);
    expect(stackOf(await fixtureApp()).terminationProtection).toBe(false);
  });

  it('is refused at synthesis where it is wrong', async () => {
    await expect(fixtureApp({ memory: 'lots' })).rejects.toThrow(/-c memory="lots": must be a whole number/);
  });

  it('binds the stack to no account or region', async () => {
    const stack = stackOf(await fixtureApp());
    expect(stack.environment).toBe('aws://unknown-account/unknown-region');
  });
});
