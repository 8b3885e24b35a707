import { availableParallelism } from 'node:os';
import { describe, expect, it } from 'vitest';
import { threadsHere, threadsOf, vcpusOf } from '../../../../lib/pipeline/training/threads.ts';

describe('threads of a function', () => {
  it.each([
    [128, 1],
    [1_769, 1],
    [1_770, 2],
    [3_008, 2],
    [3_538, 2],
    [5_307, 3],
    [8_845, 5],
    [10_240, 6],
  ])('%i MB: %i', (memory, threads) => {
    expect(threadsOf(memory)).toBe(threads);
  });

  it('counts vCPUs as Lambda gives them', () => {
    expect(vcpusOf(1_769)).toBe(1);
    expect(vcpusOf(10_240)).toBeCloseTo(5.79, 2);
  });
});

describe('threadsHere', () => {
  const inFunction = (memory: string, cores: number) =>
    threadsHere({ AWS_LAMBDA_FUNCTION_MEMORY_SIZE: memory }, cores);

  it('takes no more than the memory pays for, on however large a host', () => {
    expect(inFunction('3008', 64)).toBe(2);
    expect(inFunction('10240', 64)).toBe(6);
    expect(inFunction('128', 64)).toBe(1);
  });
  it('takes no more than there are', () => {
    expect(inFunction('10240', 2)).toBe(2);
  });
  it('takes all cores outside of a function, or where its memory is not told', () => {
    expect(threadsHere({}, 12)).toBe(12);
    expect(threadsHere({ AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '' }, 12)).toBe(12);
    expect(threadsHere({ AWS_LAMBDA_FUNCTION_MEMORY_SIZE: 'much' }, 12)).toBe(12);
    expect(threadsHere({})).toBe(availableParallelism());
  });
});
