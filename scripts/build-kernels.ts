import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const learn = fileURLToPath(new URL('../lib/learn/', import.meta.url));

/** Rooms of lib/learn that have a kernel. */
export function kernelRooms(): string[] {
  return readdirSync(learn, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'kernel')
    .map(({ name }) => name)
    .filter((name) => existsSync(join(learn, name, 'assembly', 'index.ts')))
    .sort();
}

/** Where the compiled kernel of a room is checked in. */
export function generatedFile(room: string): string {
  return join(learn, room, 'kernel.generated.ts');
}

/**
 * Compiles a room's AssemblyScript. The compiler is WebAssembly itself, so the same sources give the same bytes anywhere.
 *
 * @returns the text of `kernel.generated.ts`
 * @throws Error with the compiler's own messages
 */
export async function buildKernel(room: string): Promise<string> {
  let wasm: Uint8Array | undefined;
  const messages: string[] = [];
  const said = { write: (text: string | Uint8Array) => void messages.push(text.toString()) };
  const { error } = await asc.main(
    [
      `${room}/assembly/index.ts`,
      ...['--baseDir', learn, '--outFile', 'kernel.wasm'],
      ...['-O3', '--converge', '--noAssert', '--runtime', 'stub', '--use', 'abort='],
      ...['--enable', 'simd', '--enable', 'threads', '--enable', 'bulk-memory'],
      // One memory for all threads, made by the host: it starts at one page and may grow to all that 32 bits reach.
      ...['--importMemory', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536'],
    ],
    {
      stdout: said,
      stderr: said,
      writeFile: (name: string, contents: Uint8Array | string) => {
        if (name.endsWith('.wasm')) wasm = contents as Uint8Array;
      },
    },
  );
  if (error || wasm === undefined) throw new Error(`${room}: ${error?.message}\n${messages.join('')}`);
  const base64 = Buffer.from(wasm).toString('base64');
  return `// Made by \`npm run kernels\` from assembly/; a test makes it anew and compares.\nexport const kernel =\n  '${base64}';\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const asked = process.argv.slice(2);
  for (const room of asked.length > 0 ? asked : kernelRooms()) {
    const text = await buildKernel(room);
    writeFileSync(generatedFile(room), text);
    console.log(`${room}: ${Math.round((text.length * 3) / 4 / 1024)} KB`);
  }
}
