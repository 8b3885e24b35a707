import createRouter from 'find-my-way';
import { MethodNotAllowedError, UnknownRouteError } from './errors.ts';
import { withoutPreview } from './mlflow/dialect.ts';
import { METHODS, type Method, type Route } from './route.ts';

/** A route and the values of its path's parameters, decoded. */
export interface Match<D> {
  route: Route<D>;
  params: Record<string, string>;
}

export interface Router<D> {
  /** Throws UnknownRouteError, or MethodNotAllowedError with `details.allow`. HEAD is answered by GET's route. */
  match(method: string, segments: readonly string[]): Match<D>;
}

/** Longer than any key or artifact path that the platform makes. */
const MAX_SEGMENT = 1024;

/**
 * A router over the table. Paths come as decoded segments and are encoded again before the look-up, so that
 * find-my-way splits exactly where the caller's path was split and a name with a slash stays one name.
 */
export function makeRouter<D>(routes: readonly Route<D>[]): Router<D> {
  const router = createRouter({ maxParamLength: MAX_SEGMENT * 3, caseSensitive: true });
  for (const route of routes) router.on(route.method, toPattern(route.path), () => undefined, route);

  const find = (method: Method, path: string): Match<D> | undefined => {
    const found = router.find(method, path);
    if (found === null) return undefined;
    const route = found.store as Route<D>;
    const params: Record<string, string> = Object.create(null);
    for (const [name, value] of Object.entries(found.params)) {
      params[name === '*' ? wildcardName(route.path) : name] = value ?? '';
    }
    return { route, params };
  };

  return {
    match(method, segments) {
      const path = encodePath(withoutPreview(segments));
      if (path !== undefined) {
        const wanted = method === 'HEAD' ? 'GET' : method;
        const found = METHODS.includes(wanted as Method) ? find(wanted as Method, path) : undefined;
        if (found !== undefined) return found;
        const allow = allowed(METHODS.flatMap((other) => find(other, path)?.route ?? []));
        if (allow.length > 0) {
          if (allow.includes('GET')) allow.push('HEAD');
          throw new MethodNotAllowedError(`${method.slice(0, 20)} is not a method of this path`, {
            details: { allow },
          });
        }
      }
      const shown = `/${segments.join('/')}`.slice(0, 200);
      throw new UnknownRouteError(`no route for ${method.slice(0, 20)} ${shown}`);
    },
  };
}

/** The methods of the path's own template: `/logged-models/search` is not also the logged model named `search`. */
function allowed<D>(routes: readonly Route<D>[]): string[] {
  const literals = ({ path }: Route<D>): number =>
    path.split('/').filter((part) => !part.includes('{')).length;
  const most = Math.max(...routes.map(literals));
  return routes.filter((route) => literals(route) === most).map(({ method }) => method);
}

/** `/runs/{id}/artifacts/{path+}` as find-my-way writes it: `/runs/:id/artifacts/*`. */
function toPattern(path: string): string {
  return path.replace(/\{\w+\+\}$/, '*').replace(/\{(\w+)\}/g, ':$1');
}

function wildcardName(path: string): string {
  return /\{(\w+)\+\}$/.exec(path)?.[1] ?? '*';
}

/** Undefined where a segment cannot be written as a URL (a lone surrogate) or is too long: no route has it. */
function encodePath(segments: readonly string[]): string | undefined {
  if (segments.some((segment) => segment.length > MAX_SEGMENT || !segment.isWellFormed())) return undefined;
  return `/${segments.map(encodeURIComponent).join('/')}`;
}
