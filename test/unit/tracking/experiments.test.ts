import { beforeEach, describe, expect, it } from 'vitest';
import { InvalidInputError, NotFoundError } from '../../../lib/errors/index.ts';
import { type World, WS, world } from './helpers.ts';

describe('Experiments', () => {
  let w: World;
  beforeEach(() => {
    w = world();
  });

  it('has Default, with id 0, from the start', async () => {
    expect(await w.experiments.get(WS, '0')).toMatchObject({
      experimentId: '0',
      name: 'Default',
      workspace: WS,
    });
    expect((await w.experiments.getOrCreate(WS, 'Default')).experimentId).toBe('0');
    expect((await w.experiments.list(WS)).items.map(({ name }) => name)).toEqual(['Default']);
    expect(w.items.dump()).toEqual([]);
  });

  it('makes one of a name, with the next id', async () => {
    const first = await w.experiments.getOrCreate(WS, 'student_performance_experiment_fase2', { a: 'b' });
    expect(first).toMatchObject({ experimentId: '1', tags: { a: 'b' } });
    expect(await w.experiments.getOrCreate(WS, first.name)).toEqual(first);
    expect(await w.experiments.getByName(WS, first.name)).toEqual(first);
    expect(await w.experiments.get(WS, '1')).toEqual(first);
    expect((await w.experiments.getOrCreate(WS, 'second')).experimentId).toBe('2');
  });

  it('gives racing makers the same one', async () => {
    const made = await Promise.all(Array.from({ length: 10 }, () => w.experiments.getOrCreate(WS, 'x')));
    expect(new Set(made.map(({ experimentId }) => experimentId)).size).toBe(1);
    expect((await w.experiments.list(WS)).items).toHaveLength(2);
  });

  it('lists by id, in pages', async () => {
    for (let i = 1; i <= 12; i += 1) await w.experiments.getOrCreate(WS, `e${i}`);
    const first = await w.experiments.list(WS, { limit: 10 });
    const rest = await w.experiments.list(WS, { limit: 10, cursor: first.cursor });
    const ids = [...first.items, ...rest.items].map(({ experimentId }) => Number(experimentId));
    expect(ids).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  });

  it('takes a long name in any script, and no empty one', async () => {
    const name = '実験#'.repeat(160);
    expect((await w.experiments.getOrCreate(WS, name)).name).toBe(name);
    for (const bad of ['', '  ', 'a\u0000', 'x'.repeat(501)]) {
      await expect(w.experiments.getOrCreate(WS, bad)).rejects.toThrow(InvalidInputError);
    }
  });

  it('says what it does not know', async () => {
    await expect(w.experiments.get(WS, '9')).rejects.toThrow(NotFoundError);
    await expect(w.experiments.getByName(WS, 'none')).rejects.toThrow(NotFoundError);
    await expect(w.experiments.get(WS, 'a#b')).rejects.toThrow(InvalidInputError);
  });

  it('gives a lost one its id back where that is free, and never gives that id again', async () => {
    expect((await w.experiments.getOrCreate(WS, 'lost', {}, '7')).experimentId).toBe('7');
    expect((await w.experiments.getOrCreate(WS, 'next')).experimentId).toBe('8');
    expect((await w.experiments.getOrCreate(WS, 'late', {}, '7')).experimentId).toBe('9');
  });
});
