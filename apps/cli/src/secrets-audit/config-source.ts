import { configSurfaces, isBrokenReference, isReference, type Config, type ConfigSurface, type EnvLayers } from "@openclaw/home";
import { Secret } from "@openclaw/secrets";
import { emptySource, type AuditSource, type GrowingSource } from "./audit-source.ts";
import { isRecord } from "./read-json-object.ts";
import { isSensitiveHeader } from "./sensitive-header.ts";
import { readStanding } from "./standing-value.ts";

/** Looks at every place of `openclaw.json` that may hold a secret, whoever uses it. */
export function readConfigSource(file: string, config: Config, env: EnvLayers): AuditSource {
  const source = emptySource();
  for (const surface of configSurfaces(config)) readSurface(source, file, surface, env);
  return source;
}

function readSurface(source: GrowingSource, file: string, surface: ConfigSurface, env: EnvLayers): void {
  const { path, segments, kind, refBeside } = surface;
  const provider = providerOf(surface);
  const at = { file, jsonPath: path, ...(provider !== undefined && { provider }) };
  const standing = readStanding(surface.value, env, kind.id.endsWith("apiKey"));
  const written = refBeside ?? (standing.kind === "reference" ? standing.written : undefined);
  if (written !== undefined) source.references.push({ ...at, written });
  if (isBrokenReference(surface)) {
    source.references.push({ ...at, written: surface.value });
    return;
  }

  const secrets = standing.kind === "plaintext" ? [standing.secret] : accountSecrets(surface);
  if (secrets.length === 0 || (kind.id.includes(".headers.") && !isSensitiveHeader(segments.at(-1) ?? ""))) return;
  const place = { kind: "json", file, path: segments, dialect: "json5" } as const;
  source.secrets.push(...secrets.map((secret) => ({ label: path, secret, places: [place] })));
  const beside = refBeside === undefined ? "" : "; the reference beside it wins, so it can go";
  source.findings.push({ code: "PLAINTEXT_FOUND", severity: "warn", ...at, message: `${path} is stored as plaintext${beside}.` });
}

/** The private key of a service account, which stands there as an object. */
function accountSecrets({ kind, value }: ConfigSurface): readonly Secret[] {
  if (!kind.id.endsWith("serviceAccount") || !isRecord(value) || isReference(value)) return [];
  return typeof value["private_key"] === "string" ? [Secret.of(value["private_key"])] : [];
}

function providerOf({ kind, segments }: ConfigSurface): string | undefined {
  return kind.id.startsWith("models.providers.") ? segments[2] : undefined;
}
