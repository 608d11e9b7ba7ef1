import type { Dialect } from "@openclaw/providers";

/** What of a query a provider gets to see: how it is to answer. A credential, as Google's `key`, is never among it. */
const forwarded: Partial<Readonly<Record<Dialect, ReadonlySet<string>>>> = {
  "anthropic-messages": new Set(["beta"]),
  "google-generative-ai": new Set(["alt", "$alt", "prettyPrint", "$prettyPrint"]),
};

/** The query to send on, with its question mark; nothing where there is nothing to say. */
export function queryFor(dialect: Dialect, url: string | undefined): string {
  const at = url?.indexOf("?") ?? -1;
  const names = forwarded[dialect];
  if (at < 0 || !names) return "";
  const kept = new URLSearchParams([...new URLSearchParams(url?.slice(at + 1))].filter(([name]) => names.has(name)));
  return kept.size > 0 ? `?${kept}` : "";
}
