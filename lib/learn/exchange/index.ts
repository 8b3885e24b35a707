export { NotExportableError, UnsupportedModelError } from './errors.ts';
export { IMPORTED } from './imported-ensemble.ts';
export { type ExportedForest, exportForestJson } from './ml-random-forest/export-json.ts';
export { importForestJson, MOST_JSON_BYTES } from './ml-random-forest/import-json.ts';
export { type ExportOptions, exportOnnx, INPUT } from './onnx/export.ts';
export { type ImportedModel, type ImportOptions, importOnnx } from './onnx/import.ts';
export { MOST_ONNX_BYTES } from './onnx/wire.ts';
export { preparationOf, type RowPreparation } from './rows-of-imported.ts';
