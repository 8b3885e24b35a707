export { type BundleRequest, bundleFunctions, catalogueText, type FunctionBundle } from './bundle.ts';
export { resolveStaticFile, type StaticFile, staticFiles } from './static-files.ts';
