import { isReference, type EnvLayers } from "@openclaw/home";
import { Secret, readCredentialText } from "@openclaw/secrets";
import { brokenFile, emptySource, type AuditSource, type GrowingSource } from "./audit-source.ts";
import { isRecord, readJsonObject, textOf, type JsonRecord } from "./read-json-object.ts";
import { readStanding } from "./standing-value.ts";

/** One agent's credential files. */
export interface StoreSourceOptions {
  readonly file: string;
  /** Where the content of the file is. */
  readonly from: string;
  /** Added to the name of each of its secrets, for agents other than `main`. */
  readonly suffix: string;
  readonly env: EnvLayers;
}

/** A profile that requests for its provider may take before they come to the configuration. */
export interface StoredAccount {
  readonly provider: string;
  readonly type: string;
}

const MAX_BYTES = 64 * 1024 * 1024;

/** Looks at every profile of an `auth-profiles.json`, also at those that are none for a request. */
export async function readStoreSource(options: StoreSourceOptions): Promise<AuditSource & { readonly accounts: readonly StoredAccount[] }> {
  const { file, from } = options;
  const source = { ...emptySource(), accounts: new Array<StoredAccount>() };
  const read = await readJsonObject({ file, from, maxBytes: MAX_BYTES });
  if (read.kind === "absent") return source;
  source.files.push(file);
  if (read.kind === "broken") {
    source.findings.push(brokenFile(file, read.problem));
    return source;
  }
  const profiles = read.json["profiles"] ?? {};
  if (!isRecord(profiles)) {
    source.findings.push(brokenFile(file, `${file}: profiles is not an object`));
    return source;
  }
  for (const [id, profile] of Object.entries(profiles)) {
    if (!isRecord(profile)) continue;
    const has = readProfile(source, id, profile, options);
    const provider = textOf(profile["provider"])?.trim();
    if (has && provider !== undefined) source.accounts.push({ provider, type: String(profile["type"] ?? profile["mode"]) });
  }
  return source;
}

/** Whether the profile holds or refers to a credential. */
function readProfile(source: GrowingSource, id: string, profile: JsonRecord, options: StoreSourceOptions): boolean {
  const provider = textOf(profile["provider"])?.trim();
  const at = { file: options.file, ...(provider !== undefined && { provider }), profileId: id };
  // Whatever the type: a value in the wrong field is a value all the same.
  for (const field of ["key", "apiKey", "token", "access", "refresh"]) noteSecret(source, id, field, profile[field], options);

  const type = profile["type"] ?? profile["mode"];
  if (type === "oauth") {
    const message = `The login ${id} keeps its tokens here, where no reference can stand.`;
    source.findings.push({ code: "LEGACY_RESIDUE", severity: "info", jsonPath: `profiles.${id}`, message, ...at });
    return textOf(profile["access"]) !== undefined || textOf(profile["refresh"]) !== undefined;
  }
  const field = type === "token" ? "token" : profile["key"] === undefined && profile["apiKey"] !== undefined ? "apiKey" : "key";
  const jsonPath = `profiles.${id}.${field}`;
  const beside = profile[type === "token" ? "tokenRef" : "keyRef"];
  const standing = readStanding(profile[field], options.env, true);
  const hasBeside = beside !== undefined && beside !== null && beside !== "";
  const written = hasBeside ? beside : standing.kind === "reference" ? standing.written : undefined;
  if (written !== undefined) source.references.push({ jsonPath, written, ...at });
  if (standing.kind === "plaintext") {
    const note = hasBeside ? "; the reference beside it wins, so it can go (SECRETS_REF_OVERRIDES_PLAINTEXT)" : "";
    source.findings.push({
      code: "PLAINTEXT_FOUND",
      severity: "warn",
      jsonPath,
      message: `${jsonPath} is stored as plaintext${note}.`,
      ...at,
    });
  }
  return written !== undefined || standing.kind === "plaintext";
}

function noteSecret(source: GrowingSource, id: string, field: string, value: unknown, { env, file, suffix }: StoreSourceOptions): void {
  const standing = readStanding(value, env, true);
  if (standing.kind !== "plaintext") return;
  const kind = field === "access" || field === "refresh" ? ` ${field}` : "";
  const place = { kind: "json", file, path: ["profiles", id, field], dialect: "json" } as const;
  source.secrets.push({ label: `profile ${id}${kind}${suffix}`, secret: standing.secret, places: [place] });
}

/** Looks at an `auth.json`, in which older versions kept credentials by provider. */
export async function readLegacySource({ file, from, suffix }: StoreSourceOptions): Promise<AuditSource> {
  const source = emptySource();
  const read = await readJsonObject({ file, from, maxBytes: MAX_BYTES });
  if (read.kind === "absent") return source;
  source.files.push(file);
  if (read.kind === "broken") {
    source.findings.push(brokenFile(file, read.problem));
    return source;
  }
  for (const [provider, entry] of Object.entries(read.json)) {
    if (!isRecord(entry)) continue;
    noteLegacySecrets(source, file, provider, entry, suffix);
    if (entry["type"] !== "api_key" || textOf(entry["key"]) === undefined || isReference(entry["key"])) continue;
    const message = `${provider}: a key of an older version; move it to auth-profiles.json, or remove it.`;
    source.findings.push({ code: "LEGACY_RESIDUE", severity: "warn", file, jsonPath: provider, message, provider });
  }
  return source;
}

/** Takes down what a map from provider to credential holds, as `auth.json` and `credentials/oauth.json` do. */
export function noteLegacySecrets(source: GrowingSource, file: string, provider: string, entry: JsonRecord, suffix: string): void {
  for (const field of ["key", "token", "access", "refresh"]) {
    const text = textOf(entry[field]);
    if (text === undefined || isReference(text)) continue;
    const place = { kind: "json", file, path: [provider, field], dialect: "json" } as const;
    source.secrets.push({
      label: `older login ${provider}${suffix}`,
      secret: readCredentialText(text) ?? Secret.of(text),
      places: [place],
    });
  }
}
