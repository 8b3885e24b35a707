/** `node --import hooks.ts`: loads kernels with names instead of the checked-in ones, from ARBOLEDA_NAMED_KERNELS. */
import { existsSync, readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { join } from 'node:path';

const folder = process.env.ARBOLEDA_NAMED_KERNELS!;

registerHooks({
  load(url, context, next) {
    const room = /\/lib\/learn\/([\w-]+)\/kernel\.generated\.ts$/.exec(url)?.[1];
    const file = room === undefined ? undefined : join(folder, `${room}.mjs`);
    if (file === undefined || !existsSync(file)) return next(url, context);
    return { format: 'module', source: readFileSync(file, 'utf8'), shortCircuit: true };
  },
});
