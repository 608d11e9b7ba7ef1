import type { ProviderSpec } from "./spec.ts";

type Headers = Readonly<Record<string, string>>;

/** What belongs to one connection (RFC 9110 7.6.1), what the connection itself determines, and what would name another host. */
const ofTheConnection: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "expect",
  "host",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** Query parameters in which Google's services take a credential. */
const googleCredentials = /^(?:key|access_token|oauth_token)(?:=|$)/i;

/** The headers that go on, names in lower case: without those of the connection, and those that `connection` names. */
export function endToEndHeaders(headers: Headers): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  const named = entries.flatMap(([name, value]) => (name === "connection" ? value.split(",") : []));
  const dropped = new Set([...ofTheConnection, ...named.map((name) => name.trim().toLowerCase())]);
  return Object.fromEntries(entries.filter(([name]) => !dropped.has(name)));
}

/** The same URL without a credential in its query; every other byte of it stays. */
export function withoutQueryCredential(url: URL, spec: ProviderSpec): URL {
  if (spec.auth !== "x-goog-api-key" || url.search === "") return url;
  const kept = url.search
    .slice(1)
    .split("&")
    .filter((parameter) => !googleCredentials.test(decoded(parameter)));
  const clean = new URL(url);
  clean.search = kept.join("&");
  return clean;
}

function decoded(parameter: string): string {
  try {
    return decodeURIComponent(parameter);
  } catch {
    return parameter;
  }
}
