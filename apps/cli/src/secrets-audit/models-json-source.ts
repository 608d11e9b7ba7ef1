import type { EnvLayers } from "@openclaw/home";
import { brokenFile, emptySource, type AuditSource } from "./audit-source.ts";
import { isRecord, readJsonObject } from "./read-json-object.ts";
import { isSensitiveHeader } from "./sensitive-header.ts";
import { readStanding } from "./standing-value.ts";

const MAX_BYTES = 5 * 1024 * 1024;

/** Looks at a generated `models.json`. No credential belongs there, so none of its places is one's home. */
export async function readModelsJsonSource(options: {
  readonly file: string;
  readonly from: string;
  readonly env: EnvLayers;
}): Promise<AuditSource> {
  const { file, env } = options;
  const source = emptySource();
  const read = await readJsonObject({ ...options, maxBytes: MAX_BYTES });
  if (read.kind === "absent") return source;
  source.files.push(file);
  if (read.kind === "broken") {
    source.findings.push(brokenFile(file, read.problem));
    return source;
  }
  const providers = isRecord(read.json["providers"]) ? read.json["providers"] : {};
  for (const [provider, entry] of Object.entries(providers)) {
    if (!isRecord(entry)) continue;
    const headers = isRecord(entry["headers"]) ? Object.entries(entry["headers"]).filter(([name]) => isSensitiveHeader(name)) : [];
    const fields = [["apiKey", entry["apiKey"]] as const, ...headers.map(([name, value]) => [`headers.${name}`, value] as const)];
    for (const [field, value] of fields) {
      const jsonPath = `providers.${provider}.${field}`;
      const standing = readStanding(value, env, true);
      if (standing.kind === "reference") source.references.push({ file, jsonPath, written: standing.written, provider });
      if (standing.kind !== "plaintext") continue;
      const message = `${jsonPath} is stored as plaintext, in a file that is generated and needs none.`;
      source.findings.push({ code: "PLAINTEXT_FOUND", severity: "warn", file, jsonPath, message, provider });
      source.secrets.push({ label: `models.json ${provider}`, secret: standing.secret, places: [] });
    }
  }
  return source;
}
