/**
 * Limits of AWS that the emulators do not enforce, so that code must.
 * Sources: Lambda quotas (invocation payload 6 MB each way), API Gateway quotas (payload 10 MB).
 */
const MB = 1024 * 1024;

/** What a synchronous invocation carries each way, headers and JSON escaping included. */
export const LAMBDA_PAYLOAD_BYTES = 6 * MB;

/**
 * The largest request body taken. The gateway hands every body over as base64, so that no file's bytes are changed: 4 characters
 * for 3 bytes, 6.0 of the event's 6.29 million bytes; the rest is left for headers.
 */
export const MAX_BODY_BYTES = 4_500_000;

/** The largest answer, as it stands in the function's JSON result; the rest is left for headers. */
export const MAX_RESPONSE_BYTES = LAMBDA_PAYLOAD_BYTES - 64 * 1024;

/** Levels of nesting in a JSON body. */
export const MAX_JSON_DEPTH = 64;

/**
 * Milliseconds after which a request is answered as too slow. API Gateway gives up after 29 s, a cold start included, with
 * an answer that names neither request nor remedy.
 */
export const REQUEST_DEADLINE_MS = 25_000;
