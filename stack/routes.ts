/** A route and what its path parameters stand for in a request. */
export interface RouteMatch<Route> {
  route: Route;
  pathParameters: Record<string, string>;
}

interface Pattern<Route> {
  route: Route;
  method: string;
  expression: RegExp;
  names: string[];
  /** Sorts before another pattern when it is more specific. */
  rank: string;
}

/**
 * Matches requests as an HTTP API does: the most specific path wins, segment by segment (fixed text, then
 * `{name}`, then `{name+}`), then the exact method before ANY. `path` is percent-decoded.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
 */
export function createRouter<Route extends { method: string; path: string }>(
  routes: readonly Route[],
): (method: string, path: string) => RouteMatch<Route> | undefined {
  const patterns = routes.map(patternOf).sort((a, b) => (a.rank < b.rank ? -1 : 1));
  return (method, path) => {
    for (const { route, method: routeMethod, expression, names } of patterns) {
      if (routeMethod !== 'ANY' && routeMethod !== method) continue;
      const values = expression.exec(path);
      if (values === null) continue;
      const pairs = names.map((name, index) => [name, values[index + 1] as string]);
      return { route, pathParameters: Object.fromEntries(pairs) };
    }
    return undefined;
  };
}

function patternOf<Route extends { method: string; path: string }>(route: Route): Pattern<Route> {
  const names: string[] = [];
  let rank = '';
  const segments = route.path.split('/').map((segment) => {
    const [, name, greedy] = /^\{(\w+)(\+?)\}$/.exec(segment) ?? [];
    rank += name === undefined ? '0' : greedy ? '2' : '1';
    if (name === undefined) return segment.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
    names.push(name);
    return greedy ? '(.*)' : '([^/]+)';
  });
  const method = route.method.toUpperCase();
  const expression = new RegExp(`^${segments.join('/')}$`, 's');
  return { route, method, expression, names, rank: `${rank}${method === 'ANY' ? '1' : '0'}` };
}
