import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { buildKernel, generatedFile, kernelRooms } from '../../../../scripts/build-kernels.ts';

/** Ids of a WebAssembly module's sections, in order. */
function sections(wasm: Uint8Array): number[] {
  const ids: number[] = [];
  for (let at = 8; at < wasm.length; ) {
    ids.push(wasm[at++]!);
    let size = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = wasm[at++]!;
      size |= (byte & 127) << shift;
      if (byte < 128) break;
    }
    at += size;
  }
  return ids;
}

describe.each(kernelRooms())('the kernel of %s', (room) => {
  const checkedIn = readFileSync(generatedFile(room), 'utf8');

  it('is what its sources compile to', async () => {
    expect((await buildKernel(room)) === checkedIn, `run \`npm run kernels ${room}\` and commit`).toBe(true);
  });

  it('holds no data of its own, which threads would share', () => {
    const wasm = Buffer.from(/'([^']+)'/.exec(checkedIn)![1]!, 'base64');
    const ids = sections(wasm);
    expect(ids).toContain(10); // code: the walk over the sections is right
    expect(ids).not.toContain(11); // data
  });
});
