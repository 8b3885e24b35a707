/** Files of runs and logged models: where they are, and how clients put and get them. */
export {
  Artifacts,
  DOWNLOAD_SECONDS,
  type Download,
  MAX_PARTS_AT_ONCE,
  type OpenUpload,
} from './artifacts.ts';
export { artifactKey, artifactsPrefix, artifactUriOf, mustBeProxied, proxiedPath } from './location.ts';
export { mediaType } from './media-type.ts';
export { confineName, confinePath, decodeOnce } from './path.ts';
export type { ArtifactEntry } from './pipeline-files.ts';
