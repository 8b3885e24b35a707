import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';

const page = await readFile('docs/threat-model.md', 'utf8');

/** Rows of a mitigation: the letters of STRIDE, the threat, what stands against it, and the proof. */
const rows = page
  .split('\n')
  .filter((line) => /^\| [STRIDE](, [STRIDE])* \|/.test(line))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

describe('the threat model', () => {
  it('judges every boundary that it draws', () => {
    const drawn = [...page.matchAll(/──\((\d)\)──/g)].map((found) => found[1]);
    const judged = [...page.matchAll(/^### (\d)\. /gm)].map((found) => found[1]);
    expect(drawn.length).toBeGreaterThan(5);
    expect(judged.sort()).toEqual(drawn.sort());
  });

  it('has a proof for each mitigation', () => {
    expect(rows.length).toBeGreaterThan(25);
    for (const [, threat, mitigation, proof] of rows) {
      expect(mitigation, threat).not.toBe('');
      expect(proof, threat).toMatch(/^`[^`]+`(, `[^`]+`)*$/);
    }
  });

  it('names no file that is not there', () => {
    const named = [...page.matchAll(/`([\w.][\w./-]*\.(?:ts|tsx|cjs|json|txt|md))`/g)].map(
      (found) => found[1] as string,
    );
    expect(named.length).toBeGreaterThan(60);
    expect([...new Set(named)].filter((path) => !existsSync(path))).toEqual([]);
  });

  it('speaks of every letter of STRIDE', () => {
    const letters = new Set(rows.flatMap(([which = '']) => which.split(', ')));
    expect([...letters].sort()).toEqual([...'DEIRST']);
  });
});
