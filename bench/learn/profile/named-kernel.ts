/**
 * Kernels for the profiler: the sources of a room compiled with function names, and without merging functions into
 * their callers, so that every phase of the work can be seen. What the sources themselves mark `@inline` stays inlined.
 */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';
import type * as Binaryen from 'binaryen';

const learn = fileURLToPath(new URL('../../../lib/learn/', import.meta.url));

/** Compiles without optimising, with names. `files` replaces the file system where given. */
export async function compileNamed(entry: string, files?: Record<string, string>): Promise<Uint8Array> {
  let wasm: Uint8Array | undefined;
  const messages: string[] = [];
  const said = { write: (text: string | Uint8Array) => void messages.push(text.toString()) };
  const { error } = await asc.main(
    [
      entry,
      ...['--baseDir', learn, '--outFile', 'kernel.wasm', '--debug'],
      ...['--noAssert', '--runtime', 'stub', '--use', 'abort='],
      ...['--enable', 'simd', '--enable', 'threads', '--enable', 'bulk-memory'],
      ...['--importMemory', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536'],
    ],
    {
      stdout: said,
      stderr: said,
      ...(files ? { readFile: (name: string) => files[name] ?? null } : {}),
      writeFile: (name: string, contents: Uint8Array | string) => {
        if (name.endsWith('.wasm')) wasm = contents as Uint8Array;
      },
    },
  );
  if (error || wasm === undefined) throw new Error(`${entry}: ${error?.message}\n${messages.join('')}`);
  return wasm;
}

/** The compiler's own binaryen: its optimiser at full level, with inlining off. */
export async function optimiseWithoutInlining(wasm: Uint8Array): Promise<Uint8Array> {
  const path = createRequire(import.meta.resolve('assemblyscript/asc')).resolve('binaryen');
  const { default: binaryen } = (await import(path)) as { default: typeof Binaryen.default };
  const on = binaryen.Features;
  const memory = on.Atomics | on.BulkMemory | on.BulkMemoryOpt;
  const features = on.SIMD128 | memory | on.MutableGlobals | on.SignExt | on.NontrappingFPToInt;
  const module = binaryen.readBinaryWithFeatures(wasm, features);
  binaryen.setOptimizeLevel(3);
  binaryen.setShrinkLevel(0);
  binaryen.setDebugInfo(true);
  binaryen.setAlwaysInlineMaxSize(0);
  binaryen.setFlexibleInlineMaxSize(0);
  binaryen.setOneCallerInlineMaxSize(0);
  module.optimize();
  module.optimize();
  const named = module.emitBinary();
  module.dispose();
  return named;
}

/** A room's kernel with names, in the text of its `kernel.generated.ts`. */
export async function namedKernelSource(room: string): Promise<string> {
  const named = await optimiseWithoutInlining(await compileNamed(`${room}/assembly/index.ts`));
  return `export const kernel = '${Buffer.from(named).toString('base64')}';`;
}
