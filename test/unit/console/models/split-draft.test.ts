import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import '../../../support/seed.ts';
import {
  assign,
  draftOf,
  evenly,
  type SplitDraft,
  splitOf,
  sumOf,
  withRole,
} from '../../../../console/pages/models/split-draft.ts';
import { checkNewSplit } from '../../../../lib/tracking/splits/check.ts';
import type { Split } from '../../../../lib/tracking/splits/types.ts';

const CHAMPION = '3';
const fresh = () => draftOf(null, CHAMPION, '4');
const asked = (draft: SplitDraft) => splitOf(draft, CHAMPION);
const problem = (draft: SplitDraft) => [...asked(draft).problems];
const running: Split = {
  model: 'm',
  kind: 'blue-green',
  arms: [
    { version: '3', weight: 75 },
    { version: '4', weight: 25 },
  ],
  shadows: ['2'],
  guard: { maxErrorRate: 0.001, maxLatencyMs: 250, minRequests: 20, windowMinutes: 5 },
  revision: 9,
  createdAt: '2026-01-01T00:00:00.000Z',
  createdBy: 'ana',
  state: 'running',
};

describe('the form of a split', () => {
  it('begins with a tenth for the newest version beside the champion', () => {
    expect(asked(fresh())).toEqual({
      split: {
        kind: 'ab',
        arms: [
          { version: '3', weight: 90 },
          { version: '4', weight: 10 },
        ],
        shadows: [],
      },
      problems: new Map(),
    });
  });

  it('of a split that runs asks for just that split', () => {
    const { kind, arms, shadows, guard } = running;
    expect(asked(draftOf(running, CHAMPION, undefined))).toEqual({
      split: { kind, arms, shadows, guard },
      problems: new Map(),
    });
  });

  it('says what keeps it from being asked', () => {
    const weight = (text: string) => ({ ...fresh(), weights: { '3': '90', '4': text } });
    expect(problem(weight('20'))).toEqual([['arms', 'The shares sum to 110 %, not to 100 %.']]);
    for (const text of ['', '1.5', '-10', '1e1', 'x'])
      expect(problem(weight(text))).toEqual([['arms', 'Each share is a whole percent from 0 to 100.']]);
    const alone = draftOf(null, CHAMPION, undefined);
    expect(problem(alone)).toEqual([['arms', 'Choose another version to answer or to shadow.']]);
    expect(problem(assign(alone, '2', 'shadow'))).toEqual([]);
    const three = evenly(assign({ ...fresh(), kind: 'blue-green' }, '2', 'answers'));
    expect(problem(three)).toEqual([['arms', 'Blue-green is one version beside the one in production.']]);
    const shadows = ['5', '6', '7', '8'].reduce(
      (draft, version) => assign(draft, version, 'shadow'),
      fresh(),
    );
    expect(problem(shadows)).toEqual([['shadows', 'At most 3 versions can shadow.']]);
  });

  it('names the bound that is none', () => {
    const guarded = { ...fresh(), isGuarded: true };
    expect(problem(guarded)).toEqual([]);
    const wrong = { maxErrorPercent: '101', maxLatencyMs: '0', minRequests: '1.5', windowMinutes: '' };
    expect(problem({ ...guarded, guard: wrong })).toEqual([
      ['maxErrorPercent', 'A number from 0 to 100.'],
      ['maxLatencyMs', 'A number above 0 to 60000.'],
      ['minRequests', 'A whole number from 1 to 100000.'],
      ['windowMinutes', 'A whole number from 1 to 1440.'],
    ]);
    const percent = { ...guarded.guard, maxErrorPercent: '0.1' };
    expect(asked({ ...guarded, guard: percent }).split.guard?.maxErrorRate).toBe(0.001);
  });

  it('shares evenly among any versions, in whole percents that sum to 100', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 1, max: 99 }), { minLength: 1, maxLength: 10 }),
        (versions) => {
          const draft = evenly(
            versions.reduce(
              (all, version) => assign(all, String(version), 'answers'),
              draftOf(null, '100', undefined),
            ),
          );
          expect(sumOf(draft)).toBe(100);
          const weights = withRole(draft, 'answers').map((version) => Number(draft.weights[version]));
          expect(Math.max(...weights) - Math.min(...weights)).toBeLessThanOrEqual(1);
        },
      ),
    );
  });

  it('asks only for what the registry takes', () => {
    const role = fc.constantFrom('none' as const, 'answers' as const, 'shadow' as const);
    const number = fc.constantFrom('0', '10', '50', '90', '100', '', 'x', '33');
    fc.assert(
      fc.property(
        fc.constantFrom('ab' as const, 'blue-green' as const),
        fc.tuple(role, role, role),
        fc.tuple(number, number, number, number),
        fc.boolean(),
        (kind, roles, [a, b, c, d], isEven) => {
          let draft: SplitDraft = { ...draftOf(null, CHAMPION, undefined), kind };
          roles.forEach((one, i) => {
            draft = assign(draft, ['1', '2', '4'][i] as string, one);
          });
          draft = { ...draft, weights: { '1': a, '2': b, '3': c, '4': d } };
          if (isEven) draft = evenly(draft);
          const { split, problems } = asked(draft);
          if (problems.size === 0) expect(() => checkNewSplit(split, CHAMPION)).not.toThrow();
          else expect(() => checkNewSplit(split, CHAMPION)).toThrow();
        },
      ),
    );
  });
});
