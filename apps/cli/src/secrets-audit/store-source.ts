import { credentialFields, storedEntries, type StoredEntry } from "@openclaw/auth-profiles";
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

/** Every field that some type has a value in. */
const valueFields = new Set((["api_key", "token", "oauth"] as const).flatMap((type) => credentialFields(type).values));

/** Looks at every profile of an `auth-profiles.json`, also at those that are none for a request, wherever it has them. */
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
  for (const stored of storedEntries(read.json)) {
    const isAccount = readEntry(source, stored, options);
    const { entry } = stored;
    const provider = textOf(entry["provider"])?.trim();
    if (isAccount && provider !== undefined) source.accounts.push({ provider, type: String(entry["type"] ?? entry["mode"]) });
  }
  return source;
}

/** Whether requests may use what the entry holds or refers to. */
function readEntry(source: GrowingSource, { id, path, entry, isRead }: StoredEntry, options: StoreSourceOptions): boolean {
  const provider = textOf(entry["provider"])?.trim();
  const at = { file: options.file, ...(provider !== undefined && { provider }), profileId: id };
  // Whatever the type: a value in the wrong field is a value all the same.
  for (const field of valueFields) noteSecret(source, id, [...path, field], entry[field], options);

  const type = entry["type"] ?? entry["mode"];
  if (type === "oauth") {
    const message = `The login ${id} keeps its tokens here, where no reference can stand.`;
    source.findings.push({ code: "LEGACY_RESIDUE", severity: "info", jsonPath: path.join("."), message, ...at });
    return isRead && credentialFields("oauth").values.some((field) => textOf(entry[field]) !== undefined);
  }
  const { values, refs } = credentialFields(type === "token" ? "token" : "api_key");
  const used = values.find((field) => isThere(entry[field])) ?? values[0] ?? "";
  const jsonPath = [...path, used].join(".");
  const beside = entry[refs.find((field) => isThere(entry[field])) ?? ""];
  const standing = readStanding(entry[used], options.env, true);
  const hasBeside = isThere(beside) && beside !== "";
  const written = hasBeside ? beside : standing.kind === "reference" ? standing.written : undefined;
  if (written !== undefined && isRead) source.references.push({ jsonPath, written, ...at });
  for (const field of valueFields) {
    if (readStanding(entry[field], options.env, true).kind !== "plaintext") continue;
    const place = [...path, field].join(".");
    const note = !isRead
      ? "; nothing reads an account there, so it can go"
      : field !== used
        ? "; nothing reads this field, so it can go"
        : hasBeside
          ? "; the reference beside it wins, so it can go (SECRETS_REF_OVERRIDES_PLAINTEXT)"
          : "";
    const message = `${place} is stored as plaintext${note}.`;
    source.findings.push({ code: "PLAINTEXT_FOUND", severity: "warn", jsonPath: place, message, ...at });
  }
  return isRead && (written !== undefined || standing.kind === "plaintext");
}

function isThere(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function noteSecret(
  source: GrowingSource,
  id: string,
  path: readonly string[],
  value: unknown,
  { env, file, suffix }: StoreSourceOptions,
): void {
  const standing = readStanding(value, env, true);
  if (standing.kind !== "plaintext") return;
  const field = path.at(-1) ?? "";
  const kind = field.startsWith("access") ? " access" : field.startsWith("refresh") ? " refresh" : "";
  const place = { kind: "json", file, path, dialect: "json" } as const;
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
    const { values } = credentialFields("api_key");
    const hasKey = values.some((field) => textOf(entry[field]) !== undefined && !isReference(entry[field]));
    if ((entry["type"] ?? entry["mode"]) !== "api_key" || !hasKey) continue;
    const message = `${provider}: a key of an older version; move it to auth-profiles.json, or remove it.`;
    source.findings.push({ code: "LEGACY_RESIDUE", severity: "warn", file, jsonPath: provider, message, provider });
  }
  return source;
}

/** Takes down what a map from provider to credential holds, as `auth.json` and `credentials/oauth.json` do. */
export function noteLegacySecrets(source: GrowingSource, file: string, provider: string, entry: JsonRecord, suffix: string): void {
  for (const field of valueFields) {
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
