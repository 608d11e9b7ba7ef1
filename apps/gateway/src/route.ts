import type { Dialect } from "@openclaw/providers";
import type { Call, ClientCall } from "./call.ts";
import type { GatewayContext } from "./context.ts";

/** What the gateway answers at one path. */
export type Route = OpenRoute | ClientRoute;

interface RouteBase {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** `/v1/models/*id` takes the rest of a path as `id`, `/api/v1/profiles/:id` one segment. Everything else is taken as it was sent. */
  readonly path: string;
  /** The shape of its errors; OpenAI's unless given. */
  readonly dialect?: Dialect;
  /** Its answer may go on for months. It holds no secret, so none that is withdrawn meanwhile is looked for on. */
  readonly isEndless?: true;
}

/** Answers anyone. */
interface OpenRoute extends RouteBase {
  readonly access: "anyone";
  readonly handle: (call: Call, context: GatewayContext) => Promise<void> | void;
}

/** Answers who shows a token, the admin token, or that of a client which may read metrics. Only what clients ask for is shed under load. */
export interface ClientRoute extends RouteBase {
  readonly access: "client" | "admin" | "metrics";
  readonly handle: (call: ClientCall, context: GatewayContext) => Promise<void> | void;
}

/** The route of a path, and what stands in the places of its parameters. */
interface RouteMatch {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

/** What a path leads to: a route, or the methods that would lead to one. */
export type RouteSearch = RouteMatch | { readonly allowed: readonly string[] };

export interface Router {
  find(method: string, path: string): RouteSearch;
}

const noParams: Readonly<Record<string, string>> = {};

/** Finds routes by the path as it was sent: nothing is decoded or joined before, so that no spelling reaches one by a detour. */
export function createRouter(routes: readonly Route[]): Router {
  const exact = new Map(routes.filter(({ path }) => !/[:*]/u.test(path)).map((route) => [`${route.method} ${route.path}`, route]));
  const patterns = routes.filter(({ path }) => /[:*]/u.test(path)).map((route) => ({ route, pattern: patternOf(route.path) }));
  return {
    find(asked, path) {
      const method = asked === "HEAD" ? "GET" : asked;
      const route = exact.get(`${method} ${path}`);
      if (route) return { route, params: noParams };
      const allowed = new Set(routes.filter((each) => each.path === path).map((each) => each.method));
      for (const each of patterns) {
        const params = read(each.pattern.exec(path)?.groups);
        if (params && each.route.method === method) return { route: each.route, params };
        if (params) allowed.add(each.route.method);
      }
      return { allowed: [...allowed] };
    },
  };
}

/** Colons inside a segment are part of it, as in Google's `models/x:generateContent`. */
function patternOf(path: string): RegExp {
  const source = path.split("/").map((segment) => {
    const [, kind, name, rest = ""] = /^([:*])([a-zA-Z]+)(.*)$/u.exec(segment) ?? [];
    if (name === undefined) return escape(segment);
    return `(?<${name}>${kind === "*" ? ".+" : "[^/]+"})${escape(rest)}`;
  });
  return new RegExp(`^${source.join("/")}$`, "u");
}

function escape(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/gu, String.raw`\$&`);
}

function read(groups: Readonly<Record<string, string>> | undefined): Readonly<Record<string, string>> | undefined {
  if (!groups) return undefined;
  try {
    return Object.fromEntries(Object.entries(groups).map(([name, value]) => [name, decodeURIComponent(value)]));
  } catch {
    return undefined;
  }
}
