import type { IncomingHttpHeaders } from "node:http";
import type { HomeSnapshot } from "@openclaw/home";
import { adminCaller, type Caller } from "./caller.ts";
import type { GatewayToken } from "./gateway-token.ts";

/** The tokens the gateway takes, and who shows them. */
export interface Callers {
  /** Whose token a request shows; nobody's where it shows none that is valid. */
  find(headers: IncomingHttpHeaders): Caller | undefined;
}

/** Knows the gateway's own token. */
export function createCallers(token: GatewayToken, { salt }: Pick<HomeSnapshot, "salt">): Callers {
  const admin = adminCaller(token.secret.fingerprint(salt));
  return { find: (headers) => (token.matches(shownToken(headers)) ? admin : undefined) };
}

/** As `Authorization: Bearer`, or as the SDKs of Anthropic and Google send it. */
function shownToken({ authorization, ...headers }: IncomingHttpHeaders): string | undefined {
  const bearer = /^bearer (.+)$/iu.exec(authorization ?? "")?.[1]?.trim();
  const apiKey = headers["x-api-key"] ?? headers["x-goog-api-key"];
  return bearer ?? (typeof apiKey === "string" ? apiKey : undefined);
}
