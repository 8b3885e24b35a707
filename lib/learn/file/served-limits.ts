/**
 * How large a model may be that a function is to load for a request. The functions `api` and `predict` have 1,024 MB and
 * 29 s: while a file arrives it is held twice, and a scorer may lay its arrays out once more, beside what is loaded
 * already (512 MB of models at most, `DEFAULT_LIMITS` of serving) and the process itself (150 MB). Three times 128 MiB
 * fit, and come from S3 and are checked within a few seconds.
 *
 * Models that pipelines train are not held to it: their definition is the team's own to choose.
 */
export const MOST_SERVED_BYTES = 128 * 1024 * 1024;

/**
 * Nodes of all trees. One takes 16 bytes in the file (8 of question and children, 4 of its leaf, 4 of cover) and as
 * much again where leaves hold shares of many classes, so that so many fill `MOST_SERVED_BYTES` at the least.
 */
export const MOST_SERVED_NODES = 8_000_000;

/** Bytes of the manifest: some 15,000 columns. It is parsed to objects of ten times that, and each row's schema is published. */
export const MOST_SERVED_MANIFEST_BYTES = 2 * 1024 * 1024;
