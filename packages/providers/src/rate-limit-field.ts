import type { HeaderReader } from "./header-reader.ts";
import { readMoment, readNumber } from "./moment.ts";

/** A limit as the field `RateLimit` tells it. */
export interface RateLimitEntry {
  readonly window: string;
  readonly limit: number | undefined;
  readonly remaining: number;
  readonly resetAt: number | undefined;
}

/** Headers of providers are short; a longer one is not read. */
const LONGEST = 1024;

/**
 * Reads `RateLimit: "default";r=50;t=30` with the quotas of `RateLimit-Policy: "default";q=100;w=60`
 * (draft-ietf-httpapi-ratelimit-headers from 08 on).
 */
export function readRateLimitField(header: HeaderReader, now: number): readonly RateLimitEntry[] {
  const field = header("ratelimit");
  if (field === undefined) return [];
  const quotas = new Map(itemsOf(header("ratelimit-policy") ?? "").map(({ name, parameter }) => [name, readNumber(parameter("q"))]));
  return itemsOf(field).flatMap(({ name, parameter }) => {
    const remaining = readNumber(parameter("r"));
    return remaining === undefined ? [] : [{ window: name, limit: quotas.get(name), remaining, resetAt: readMoment(parameter("t"), now) }];
  });
}

interface Item {
  readonly name: string;
  parameter(key: string): string | undefined;
}

/** A list of strings with parameters (RFC 9651), as far as it is needed here. */
function itemsOf(field: string): readonly Item[] {
  const items = field.slice(0, LONGEST).matchAll(/"([\w .:-]{1,64})"((?:\s?;\s?[a-z]+=[^;,\s]*)+)/g);
  return Array.from(items, ([, name = "", parameters = ""]) => ({
    name,
    parameter: (key) => new RegExp(`;\\s?${key}=([^;,\\s]*)`).exec(parameters)?.[1],
  }));
}
