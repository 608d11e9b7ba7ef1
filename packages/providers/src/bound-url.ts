import { ProviderError } from "./errors.ts";
import type { ProviderSpec } from "./spec.ts";

/** A segment that climbs, in a spelling that a URL parser leaves to the server. */
const climbing = /(?:[/\\]|%2f|%5c)(?:\.|%2e){2}(?:$|[/\\]|%2f|%5c)/i;

/** The version of an interface at the end of a base URL. SDKs have their own idea of it, and uploads put it elsewhere. */
const version = /\/v\d{1,2}(?:(?:alpha|beta)\d{0,2})?$/;

/**
 * The URL of a request, which must lie at or below the base URL: same scheme, host and port, and the same path to begin
 * with, but for a version at its end.
 *
 * @throws {ProviderError} `foreign-host`, naming the rule and nothing of the target: a key may stand in it.
 */
export function boundUrl(target: string, baseUrl: URL, spec: ProviderSpec): URL {
  const base = baseUrl.pathname.replace(/\/+$/, "");
  if (!URL.canParse(target)) throw refused("it goes to no URL", baseUrl, spec);
  const url = new URL(target);
  if (url.origin !== baseUrl.origin) throw refused("it goes to another scheme, host or port", baseUrl, spec);
  if (url.username !== "" || url.password !== "") throw refused("its URL holds a user name or password", baseUrl, spec);
  const prefix = base.replace(version, "");
  const isBelow = url.pathname === prefix || url.pathname.startsWith(`${prefix}/`);
  if (!isBelow || climbing.test(url.pathname)) throw refused("its path leads outside", baseUrl, spec);
  return url;
}

function refused(rule: string, { origin, pathname }: URL, { id }: ProviderSpec): ProviderError {
  return new ProviderError("foreign-host", `A request for ${id} was refused, no credential was added: ${rule}`, {
    hint: `credentials of ${id} go to ${origin}${pathname}; give the SDK that base URL, or this fetch another one as baseUrl`,
  });
}
