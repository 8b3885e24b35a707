import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PipelineDeps } from '../../lib/pipeline/deps.ts';
import { LocalObjectStore } from '../../lib/store/local/index.ts';
import { idOf, LocalItemStore } from '../../lib/store/local/items.ts';
import type { Item } from '../../lib/store/ports.ts';
import { trackingOver } from '../../lib/tracking/index.ts';
import { systemClock } from '../../test/support/memory.ts';
import { pipelineWorld } from '../../test/support/pipeline.ts';

/** The items of one process, handed on to the next in a file. */
class KeptItems extends LocalItemStore {
  load(items: readonly Item[]): void {
    for (const item of items) this.stored.set(idOf(item), item);
  }
  all(): Item[] {
    return [...this.stored.values()];
  }
}

/** Stores in a folder, for processes that follow one another: each phase of a batch has a process, and a memory, of its own. */
export function keptWorld(dir: string): { deps: PipelineDeps; save(): void } {
  const file = join(dir, 'items.json');
  const items = new KeptItems(systemClock);
  if (existsSync(file)) items.load(JSON.parse(readFileSync(file, 'utf8')));
  const objects = new LocalObjectStore(join(dir, 'objects'));
  const { deps } = pipelineWorld(
    [],
    {},
    { objects, clock: systemClock, ...trackingOver(items, systemClock) },
  );
  return { deps, save: () => writeFileSync(file, JSON.stringify(items.all())) };
}
