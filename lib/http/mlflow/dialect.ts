/**
 * Whether a caller of this path speaks MLflow's protocol, and so is answered in its form even where there is no such
 * route, no token, or no room for the body.
 */
export function isMlflowPath(segments: readonly string[]): boolean {
  const [first, second, third] = segments;
  if (first === 'graphql' || first === 'ajax-api') return true;
  // Where clients send spans.
  if (first === 'v1' && second === 'traces') return true;
  if (first !== 'api' || second === undefined || !/^\d\.\d$/.test(second)) return false;
  return third === 'mlflow' || third === 'mlflow-artifacts' || third === 'preview';
}

/** Old clients put `preview` before `mlflow`: the same routes. */
export function withoutPreview(segments: readonly string[]): readonly string[] {
  return isMlflowPath(segments) && segments[2] === 'preview'
    ? [...segments.slice(0, 2), ...segments.slice(3)]
    : segments;
}
