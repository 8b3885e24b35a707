import { describe, expect, it } from 'vitest';
import { phaseOf, phaseShares } from '../../../bench/learn/profile/phases.ts';

const wasm = 'wasm://wasm/0123';

describe('phaseOf', () => {
  it.each([
    ['bins/assembly/index/bin', 'bins'],
    ['forest/assembly/lanes/count', 'histogram'],
    ['forest/assembly/whole/addRows', 'histogram'],
    ['forest/assembly/lanes/scan', 'split scan'],
    ['forest/assembly/best/keepOrdered', 'split scan'],
    ['forest/assembly/partition/partition<u32>', 'partition'],
    ['forest/assembly/lists/tryList', 'small nodes (sorted lists)'],
    ['forest/assembly/lanes/tryFew', 'small nodes (sorted lists)'],
    ['forest/assembly/sample/drawRows', 'bootstrap and feature draws'],
    ['forest/assembly/write/finishTree', 'writing nodes'],
    ['forest/assembly/grow-classes/growClasses', 'walking the tree'],
  ])('puts %s to %s', (name, phase) => {
    expect(phaseOf(name, wasm)).toBe(phase);
  });

  it('knows what is no kernel', () => {
    expect(phaseOf('fit', 'file:///repo/lib/learn/forest/train.ts')).toBe('JavaScript of training');
    expect(phaseOf('set', '')).toBe('JavaScript of training');
    expect(phaseOf('timedFit', 'file:///repo/bench/learn/contenders/job.ts')).toBeUndefined();
    expect(phaseOf('post', 'node:inspector')).toBeUndefined();
    expect(phaseOf('(program)', '')).toBe('engine (compiling, fresh memory)');
    expect(phaseOf('(garbage collector)', '')).toBe('garbage collection');
    expect(phaseOf('wasm-function[7]', wasm)).toBe('other');
  });
});

describe('phaseShares', () => {
  it('adds up the time of the samples, largest phase first', () => {
    const frame = (id: number, functionName: string, url: string) => ({
      id,
      callFrame: { functionName, url },
    });
    const { phases, functions } = phaseShares({
      nodes: [
        frame(1, 'post', 'node:inspector'),
        frame(2, 'forest/assembly/lanes/count', wasm),
        frame(3, 'forest/assembly/lanes/scan', wasm),
        frame(4, 'forest/assembly/lanes/fillDense', wasm),
      ],
      samples: [1, 2, 3, 4, 2],
      timeDeltas: [5_000_000, 1_000_000, 500_000, 250_000, 250_000],
    });
    expect(phases).toEqual([
      { phase: 'histogram', seconds: 1.5, share: 0.75 },
      { phase: 'split scan', seconds: 0.5, share: 0.25 },
    ]);
    expect(functions[0]).toEqual({ name: 'forest/assembly/lanes/count', seconds: 1.25 });
  });
});
