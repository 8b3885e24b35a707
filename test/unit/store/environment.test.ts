import { describe, expect, it } from 'vitest';
import { ConfigurationError, readEnvironment, required } from '../../../lib/store/index.ts';

describe('readEnvironment', () => {
  it('reads what is there, and nothing else', () => {
    const environment = readEnvironment({
      ARBOLEDA_TABLE: 't',
      ARBOLEDA_STATE_MACHINE_ARN: 'arn:aws:states:us-east-1:000000000000:stateMachine:arboleda-dev',
      ARBOLEDA_SOURCES: '{"housing":{"bucket":"b","key":"k"}}',
      ARBOLEDA_TRACE_CALLS: '1',
      PATH: '/bin',
      HOME: undefined,
    });
    expect(environment).toMatchObject({
      table: 't',
      environment: 'dev',
      sources: { housing: { bucket: 'b', key: 'k' } },
      traceCalls: true,
    });
    expect(environment.bucket).toBeUndefined();
    expect(environment).not.toHaveProperty('PATH');
  });

  it('takes an empty variable for none', () => {
    expect(readEnvironment({ ARBOLEDA_TABLE: '', ARBOLEDA_SOURCES: '', ARBOLEDA_TRACE_CALLS: '' })).toEqual(
      readEnvironment({}),
    );
    expect(readEnvironment({})).toMatchObject({ environment: 'dev', sources: {}, traceCalls: false });
  });

  it('has schedules on unless the deploy says otherwise', () => {
    expect(readEnvironment({}).schedulesOff).toBe(false);
    expect(readEnvironment({ ARBOLEDA_SCHEDULES: 'on' }).schedulesOff).toBe(false);
    expect(readEnvironment({ ARBOLEDA_SCHEDULES: 'off' }).schedulesOff).toBe(true);
  });

  it.each([
    ['ARBOLEDA_SCHEDULES', 'never'],
    ['ARBOLEDA_SOURCES', '{'],
    ['ARBOLEDA_SOURCES', '{"housing":"x"}'],
    ['ARBOLEDA_STATE_MACHINE_ARN', 'arboleda-dev'],
    ['ARBOLEDA_TRACE_CALLS', 'yes'],
    ['ARBOLEDA_TABLE', '   '],
  ])('names %s where it is %j', (name, value) => {
    expect(() => readEnvironment({ [name]: value })).toThrow(ConfigurationError);
    expect(() => readEnvironment({ [name]: value })).toThrow(name);
  });

  it('requires by name', () => {
    expect(required('x', 'ARBOLEDA_BUS')).toBe('x');
    expect(() => required(undefined, 'ARBOLEDA_BUS')).toThrow('ARBOLEDA_BUS is not set');
  });
});
