export {
  type BundleRequest,
  bundleFunctions,
  catalogueText,
  type FunctionBundle,
  removeAbandoned,
} from './bundle.ts';
export { compileForPage } from './compile.ts';
export { resolveStaticFile, type StaticFile, staticFiles } from './static-files.ts';
