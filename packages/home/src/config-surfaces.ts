import { surfaceKinds, type SurfaceKind } from "./surface-table.ts";

/** A place of the configuration where something stands that may be a secret or a reference. */
export interface ConfigSurface {
  readonly kind: SurfaceKind;
  /** `models.providers.openai.apiKey` */
  readonly path: string;
  readonly segments: readonly string[];
  /** What stands there. It may be a secret. */
  readonly value: unknown;
  /** What stands beside it as `<name>Ref`, which wins. */
  readonly refBeside?: unknown;
}

/** Finds every place of the table where something stands in a configuration, in the order of the table. Own properties only. */
export function configSurfaces(config: object): readonly ConfigSurface[] {
  return surfaceKinds.flatMap((kind) => [...find(config, kind, [])]);
}

function* find(value: unknown, kind: SurfaceKind, at: readonly string[]): Iterable<ConfigSurface> {
  const pattern = kind.segments[at.length];
  if (pattern === undefined || typeof value !== "object" || value === null) return;
  if (Array.isArray(value) !== (pattern === "[]")) return;
  const isLast = at.length === kind.segments.length - 1;
  const members = new Map<string, unknown>(Object.entries(value));
  for (const [name, inner] of members) {
    if (pattern !== "*" && pattern !== "[]" && pattern !== name) continue;
    const segments = [...at, name];
    if (!isLast) yield* find(inner, kind, segments);
    else if (!isAbsent(inner)) yield surfaceOf(kind, segments, inner, members.get(`${name}Ref`));
  }
  // A reference may stand alone, with no value beside it.
  if (!isLast || !kind.hasRefBeside || !isAbsent(members.get(pattern))) return;
  const alone = members.get(`${pattern}Ref`);
  if (!isAbsent(alone)) yield surfaceOf(kind, [...at, pattern], undefined, alone);
}

function surfaceOf(kind: SurfaceKind, segments: readonly string[], value: unknown, beside: unknown): ConfigSurface {
  const isReferred = kind.hasRefBeside && !isAbsent(beside);
  return { kind, path: segments.join("."), segments, value, ...(isReferred && { refBeside: beside }) };
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || value === "";
}
