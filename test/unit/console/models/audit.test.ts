import { expect, it } from 'vitest';
import { auditText } from '../../../../console/pages/models/audit.ts';
import type { AliasAudit } from '../../../../lib/tracking/types.ts';

const base = { model: 'housing', actor: 'ana', reason: 'better', at: '2026-01-01T00:00:00.000Z' };
const stages: AliasAudit['stages'] = [
  { version: '3', from: 'Staging', to: 'Production' },
  { version: '2', from: 'Production', to: 'Archived' },
];

const split = (action: 'set' | 'stop' | 'revert'): NonNullable<AliasAudit['split']> => ({
  action,
  revision: 7,
  kind: 'ab',
  arms: [
    { version: '1', weight: 90 },
    { version: '2', weight: 10 },
  ],
  shadows: ['3'],
});

it.each<[Partial<AliasAudit>, string]>([
  [{ kind: 'move', alias: 'production', toVersion: '1' }, 'gave production to version 1'],
  [
    { kind: 'move', alias: 'production', fromVersion: '2', toVersion: '3', stages },
    'moved production from version 2 to 3',
  ],
  [{ alias: 'candidate', fromVersion: '2', toVersion: '3' }, 'moved candidate from version 2 to 3'],
  [
    { kind: 'rollback', alias: 'production', fromVersion: '3', toVersion: '2' },
    'rolled production back from version 3 to 2',
  ],
  [
    {
      kind: 'rollback',
      alias: 'production',
      fromVersion: '3',
      toVersion: '2',
      data: { pipeline: 'housing', sha256: 'a' },
    },
    'rolled production back from version 3 to 2, with the data of housing',
  ],
  [{ kind: 'move', alias: 'candidate', fromVersion: '3' }, 'took candidate away from version 3'],
  [
    { kind: 'stage', alias: 'production', fromVersion: '2', toVersion: '3', stages },
    'moved production from version 2 to 3; version 3 went from Staging to Production, version 2 went from Production to Archived',
  ],
  [
    { kind: 'stage', stages: [{ version: '3', from: 'None', to: 'Staging' }] },
    'version 3 went from None to Staging',
  ],
  [{ kind: 'policy', requireStaging: true }, 'only a version in Staging may be promoted from now on'],
  [{ kind: 'policy', requireStaging: false }, 'any version may be promoted from now on'],
  [
    { kind: 'delete', deleted: { version: '4', stage: 'Archived', aliases: ['shadow'] } },
    'deleted version 4, which held shadow',
  ],
  [{ kind: 'delete', deleted: { version: '4', stage: 'None', aliases: [] } }, 'deleted version 4'],
  [{ kind: 'rename', renamedFrom: 'houses' }, 'renamed the model from houses to housing'],
  [
    { kind: 'split', split: split('set') },
    'split the traffic: version 1 90 %, version 2 10 %, in the shadow 3',
  ],
  [
    { kind: 'split', split: split('stop') },
    'stopped the split of version 1 90 %, version 2 10 %, in the shadow 3',
  ],
  [{ kind: 'split', split: split('revert') }, 'sent the traffic back from version 1 90 %, version 2 10 %'],
  [
    { kind: 'move', alias: 'production', fromVersion: '1', toVersion: '2', split: split('stop') },
    'moved production from version 1 to 2; the traffic split ended with it',
  ],
  [{}, 'changed the model'],
])('%j reads %j', (entry, text) => {
  expect(auditText({ ...base, ...entry })).toBe(text);
});
