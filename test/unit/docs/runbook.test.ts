import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../../..');
const runbook = readFileSync(join(root, 'docs/runbook.md'), 'utf8');

/** All that the functions and the command line are made of, as one text. */
const sources = ['lib', 'lambdas', 'bin']
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
  )
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.generated.ts'))
  .map((name) => readFileSync(join(root, name), 'utf8'))
  .join('\n');

describe('the runbook', () => {
  const codes = [...new Set(runbook.match(/`[A-Z]+(?:_[A-Z]+)+`|`(?:LEAKAGE|INTEGRITY)`/g))];

  it('has codes to look at', () => expect(codes.length).toBeGreaterThan(10));

  it.each(codes)('explains %s, which the code can answer', (quoted) => {
    expect(sources).toContain(`'${quoted.slice(1, -1)}'`);
  });
});
