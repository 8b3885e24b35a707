import { createRequire } from 'node:module';

/** A file that a function reads at run time from `assets/` beside its `index.mjs`. */
export interface StaticFile {
  /** Module specifier (`swagger-ui-dist/swagger-ui.css`), or a path below the root that begins with `./`. */
  from: string;
  /** Path below `assets/`. */
  to: string;
  /** A source of the web page: what is laid out is what `compileForPage` makes of it. */
  compile?: true;
}

const swaggerUi = ['swagger-ui.css', 'swagger-ui-bundle.js'].map((file) => ({
  from: `swagger-ui-dist/${file}`,
  to: `swagger-ui/${file}`,
}));

const page: StaticFile[] = [
  { from: './console/main.tsx', to: 'console/page.js', compile: true },
  { from: './console/style/main.css', to: 'console/page.css', compile: true },
];

/** The static files of each function; the others have none. */
export const staticFiles: Readonly<Record<string, readonly StaticFile[]>> = {
  api: [...swaggerUi, ...page],
  evaluate: [
    { from: '@resvg/resvg-wasm/index_bg.wasm', to: 'resvg.wasm' },
    { from: '@expo-google-fonts/arimo/400Regular/Arimo_400Regular.ttf', to: 'font.ttf' },
  ],
};

/** Absolute path of a static file's source. Throws where it is missing. */
export function resolveStaticFile(root: string, file: StaticFile): string {
  return createRequire(`${root}/package.json`).resolve(file.from);
}
