import type { Plugin } from 'esbuild';

/**
 * Leaves out zod's messages in forty languages, which its index gathers and no function shows: 260 KB of 1.4 MB. English, which
 * zod loads by itself, stays.
 */
export const withoutLocales: Plugin = {
  name: 'without-locales',
  setup(build) {
    build.onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
      contents: 'export {};',
      loader: 'js',
    }));
  },
};
