import { isSecretRefLike, parseSecretRef, readSecretValue, SecretsError, type Env, type SecretDefaults } from "@openclaw/secrets";
import { checkCredential } from "./eligibility.ts";
import { expiryHint } from "./expiry.ts";
import { otherNamesIn, withDocumentedNames } from "./field-names.ts";
import { ownerOf, renewCommand } from "./oauth/login-command.ts";
import { parseProfile, type AuthProfile } from "./profile.ts";
import { isRecord, readText, type UnknownRecord } from "./record.ts";
import type { StoreFinding, StoreFindingCode } from "./store-finding.ts";

/** What an entry is judged with. */
export interface ProfileRules {
  readonly secretDefaults?: SecretDefaults;
  /** Variables that references may name. Without them no reference is looked up. */
  readonly env?: Env;
  /** Epoch milliseconds. Without it nothing is said to have ended. */
  readonly now?: number;
}

type Kind = AuthProfile["type"];

/** What people write for a type, in lower case without `-` and `_`. */
const typeWords: ReadonlyMap<string, Kind> = new Map([
  ...["apikey", "key", "api", "static"].map((word) => [word, "api_key"] as const),
  ...["token", "setuptoken", "bearer", "pat"].map((word) => [word, "token"] as const),
  ...["oauth", "oauth2", "login", "session"].map((word) => [word, "oauth"] as const),
]);

/** What people write for a field, in lower case without `-` and `_`, where it is not read. */
const fieldWords: Readonly<Record<Kind, Readonly<Record<string, string>>>> = {
  api_key: { key: "key", apikey: "key", secret: "key", value: "key", token: "key", keyref: "keyRef", apikeyref: "keyRef", ref: "keyRef" },
  token: { token: "token", accesstoken: "token", access: "token", key: "token", apikey: "token", value: "token", tokenref: "tokenRef" },
  oauth: { access: "access", accesstoken: "access", token: "access", refresh: "refresh", refreshtoken: "refresh" },
};
const timeWords: ReadonlySet<string> = new Set(["expires", "expiresat", "expiry", "expirydate", "expiration", "exp", "expiresin"]);
const commonWords: Readonly<Record<string, string>> = { providerid: "provider", providername: "provider", vendor: "provider" };

const labels = ["email", "displayName"] as const;
const textFields: Readonly<Record<Kind, readonly string[]>> = {
  api_key: labels,
  token: labels,
  oauth: [...labels, "accountId", "projectId", "enterpriseUrl", "clientId"],
};
const secretFields: Readonly<Record<Kind, readonly string[]>> = { api_key: ["key"], token: ["token"], oauth: ["access", "refresh"] };
const refFields: Readonly<Record<Kind, readonly string[]>> = { api_key: ["keyRef"], token: ["tokenRef"], oauth: [] };

/** What is wrong with one entry of `profiles`. An entry that is read and could not be used has at least one error. */
export function validateProfile(id: string, written: unknown, path: string, rules: ProfileRules): readonly StoreFinding[] {
  const findings: StoreFinding[] = [];
  const say = (
    severity: StoreFinding["severity"],
    code: StoreFindingCode,
    field: string,
    message: string,
    more: Partial<StoreFinding> = {},
  ) => findings.push({ code, severity, path: field === "" ? path : `${path}.${field}`, message, profileId: id, ...more });

  if (!isRecord(written)) {
    const hint = typeof written === "string" ? { didYouMean: '{ "type": "api_key", "provider": ..., "key": ... }' } : {};
    say("error", "not-an-entry", "", "an account is an object", hint);
    return findings;
  }
  if (!id.includes(":")) {
    const provider = readText(written["provider"]);
    say("warning", "id-without-provider", "", "ids are provider:name", provider === undefined ? {} : { didYouMean: `${provider}:${id}` });
  }
  const parsed = parseProfile(id, written, rules.secretDefaults);
  if ("dropped" in parsed) {
    if (parsed.dropped === "missing_provider") sayProvider();
    else sayType();
    return findings;
  }

  const { profile, problems } = parsed;
  const { type } = profile;
  const fix = fixFor(id, profile);
  for (const { code, message } of problems) {
    if (code === "FIELD_MISNAMED") continue;
    const field = message.slice(path.length + 1).split(":", 1)[0] ?? "";
    const detail = message.replace(/^.*?: /u, "");
    if (code === "SECRETS_REF_OVERRIDES_PLAINTEXT") say("warning", "reference-beside-value", secretFields[type][0] ?? field, detail);
  }
  const others = otherNamesIn(type, written);
  const names = written["type"] === undefined || written["type"] === null ? [{ written: "mode", documented: "type" }, ...others] : others;
  for (const { written: name, documented } of names) {
    say("warning", "field-misnamed", name, `it is read as ${documented}`, { didYouMean: documented });
  }
  const entry = withDocumentedNames(written, others);
  sayUnread(entry, new Set(names.map(({ written: name }) => name)));
  for (const field of refFields[type]) sayRef(field, entry[field]);
  const isRefUsed = refFields[type].some((field) => isPresent(entry[field]));
  for (const field of secretFields[type]) sayValue(field, entry[field], isRefUsed);
  if (profile.type === "oauth") {
    for (const field of profile.forbiddenRefs ?? []) {
      say("error", "reference-in-login", field, "a login holds its tokens itself: what is renewed must be written back", { fix });
    }
  } else if (checkCredential(profile, 0) === "missing_credential" && !findings.some(({ severity }) => severity === "error")) {
    say("error", "credential-missing", secretFields[type][0] ?? "", "there is no value and no reference", { fix });
  }
  if (profile.type === "oauth" && checkCredential(profile, 0) === "missing_credential" && !findings.some(isAboutValue)) {
    say("error", "credential-missing", "access", "there is neither an access nor a refresh token", { fix });
  }
  sayExpires(profile);
  for (const field of textFields[type]) {
    if (entry[field] !== undefined && typeof entry[field] !== "string")
      say("warning", "part-invalid", field, "it is not a text, and is not read");
  }
  if (entry["metadata"] !== undefined && !isRecord(entry["metadata"])) say("warning", "part-invalid", "metadata", "it is not an object");
  return findings;

  function sayProvider(): void {
    const record = isRecord(written) ? written : {};
    const word = Object.keys(record).find((name) => commonWords[plain(name)] !== undefined);
    const [fromId] = id.includes(":") ? id.split(":", 1) : [];
    const didYouMean = word === undefined ? fromId && `"provider": "${fromId}"` : "provider";
    say("error", "provider-missing", word ?? "provider", "an account names its provider", didYouMean ? { didYouMean } : {});
  }

  function sayType(): void {
    const record = isRecord(written) ? written : {};
    const field = record["type"] === undefined || record["type"] === null ? "mode" : "type";
    const stated = readText(record[field]);
    const meant = stated === undefined ? undefined : typeWords.get(plain(stated));
    const message = 'the type is "api_key", "token" or "oauth"';
    if (meant !== undefined) say("error", "type-unknown", field, message, { didYouMean: meant });
    else if (stated !== undefined) say("warning", "type-unknown", field, `${message}; an entry of another one is kept and not used`);
    else say("error", "type-missing", "type", message, shownType(record));
  }

  /** Fields whose names are nearly right, and which nothing reads. */
  function sayUnread(entry: UnknownRecord, known: ReadonlySet<string>): void {
    for (const name of Object.keys(entry)) {
      const meant = timeWords.has(plain(name)) ? (type === "api_key" ? undefined : "expires") : fieldWords[type][plain(name)];
      if (meant === undefined || name === meant || known.has(name)) continue;
      const isOver = entry[meant] !== undefined && entry[meant] !== null;
      if (type === "oauth" && name === "token" && isSecretRefLike(entry[name])) continue;
      say(isOver ? "warning" : "error", "field-not-read", name, `nothing reads it in an account of type ${type}`, { didYouMean: meant });
    }
  }

  function sayRef(field: string, value: unknown): void {
    if (!isPresent(value)) return;
    try {
      sayUnset(field, parseSecretRef(typeof value === "string" ? value.trim() : value, rules.secretDefaults));
    } catch (error) {
      if (!(error instanceof SecretsError)) throw error;
      say("error", "reference-invalid", field, error.message, { didYouMean: '{ "source": "env", "provider": "default", "id": "NAME" }' });
    }
  }

  function sayUnset(field: string, ref: { readonly source: string; readonly provider: string; readonly id: string }): void {
    if (rules.env === undefined || ref.source !== "env" || ref.provider !== (rules.secretDefaults?.env ?? "default")) return;
    if ((rules.env[ref.id] ?? "").trim() === "") {
      say("error", "reference-unset", field, `the variable ${ref.id} is missing or empty; its name is never sent in its place`);
    }
  }

  function sayValue(field: string, value: unknown, isRefUsed: boolean): void {
    if (value === undefined || value === null || isRefUsed) return;
    if (typeof value !== "string") {
      if (type === "oauth" && isSecretRefLike(value)) return;
      if (isRecord(value)) sayRef(field, value);
      else say("error", "value-refused", field, "it is not a text", { fix });
      return;
    }
    const text = value.trim();
    if (text === "") {
      if (type !== "oauth") say("error", "credential-missing", field, "it is empty", { fix });
      return;
    }
    if (/^\$\{[^}]*\}$/u.test(text)) {
      if (type !== "oauth" || !isSecretRefLike(text)) sayRef(field, text);
      return;
    }
    if (isReferenceAsText(text)) {
      const didYouMean = `"${refFields[type][0] ?? field}": { "source": ..., "provider": ..., "id": ... }`;
      say("error", "reference-as-text", field, "it is the name of a place where a value is kept, and would be sent as it stands", {
        didYouMean,
      });
      return;
    }
    try {
      readSecretValue(value, "it");
    } catch (error) {
      if (!(error instanceof SecretsError)) throw error;
      say("error", "value-refused", field, error.message.replace(/^it: /u, ""), { fix });
      return;
    }
    if (/^<.*>$|^\[.*\]$|^(.)\1{3,}$|\.{3}|^(?:your|my|paste|insert|change|replace)[-_ ]?/iu.test(text)) {
      say("error", "value-refused", field, "the value is an example or a mask", { fix });
    } else if (/\s|^["']|["']$/u.test(text)) {
      say("warning", "value-doubtful", field, "it holds quotes or spaces, which keys do not have", { fix });
    }
  }

  function sayExpires(of: AuthProfile): void {
    if (of.type === "api_key" || of.expires === undefined) return;
    const hint = expiryHint(of.expires);
    if (of.expires === "invalid") say("error", "expires-invalid", "expires", hint ?? "it is no time");
    else if (hint !== undefined) say("error", "expires-in-seconds", "expires", hint, { didYouMean: "milliseconds" });
    else if (rules.now !== undefined && rules.now >= of.expires && (of.type === "token" || of.refresh === undefined)) {
      say("warning", "expired", "expires", "it has ended", { fix });
    }
  }
}

/** A blank reference is none, and then the value counts. */
function isPresent(ref: unknown): boolean {
  return ref !== undefined && ref !== null && !(typeof ref === "string" && ref.trim() === "");
}

function isAboutValue({ code }: StoreFinding): boolean {
  return code === "value-refused" || code === "reference-in-login" || code === "reference-as-text" || code === "reference-invalid";
}

function shownType(entry: UnknownRecord): { readonly didYouMean?: string } {
  const kinds: readonly Kind[] = ["api_key", "oauth", "token"];
  const shown = kinds.find(
    (kind) => secretFields[kind].some((field) => Object.hasOwn(entry, field)) || otherNamesIn(kind, entry).length > 0,
  );
  return shown === undefined ? {} : { didYouMean: `"type": "${shown}"` };
}

function isReferenceAsText(text: string): boolean {
  return (
    /^\$[A-Za-z_({]|^%[A-Za-z_]\w*%$|^(?:op|vault|keychain|file):\/\/|^(?:env|file|exec):[^\s]+$|^\{\s*"source"/u.test(text) ||
    /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*_(?:KEY|TOKEN|SECRET|PAT)$/u.test(text)
  );
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[-_\s]/gu, "");
}

function fixFor(id: string, profile: AuthProfile): string {
  if (profile.type === "oauth" || ownerOf(profile) !== undefined) return renewCommand(profile);
  return `openclaw models auth paste-token --provider ${profile.provider} --profile-id ${id}`;
}
