import { AuthProfileError } from "./errors.ts";
import { flatEntries, flatEntry, unflattened } from "./flat-store.ts";
import { plainProvider, type NormalizeProvider } from "./normalize-provider.ts";
import { parseJsonFile, parseJsonFileAsTree } from "./parse-json-file.ts";
import { isRecord, readText, type UnknownRecord } from "./record.ts";
import type { StoreFinding } from "./store-finding.ts";
import { parseAuthStore, STORE_VERSION } from "./store.ts";
import { validateProfile, type ProfileRules } from "./validate-profile.ts";

/** What a store is judged with. */
export interface ValidateStoreOptions extends ProfileRules {
  /** How findings call the file; a path, usually. */
  readonly name?: string;
  readonly normalizeProvider?: NormalizeProvider;
  /** Accounts of another store that this one's order may name: an agent reads through to main's. */
  readonly otherIds?: Iterable<string>;
}

/**
 * Finds what is wrong with the content of auth-profiles.json: what cannot be parsed, what is not as
 * {@link authStoreJsonSchema} says, and what is and still would not work. Never throws, and names no value.
 *
 * @example
 * validateStore(Buffer.from('{ "profiles": { "openai:a": { "type": "api_key", "provider": "openai" } } }'));
 * // [{ code: "credential-missing", severity: "error", path: "profiles.openai:a.key", ... }]
 */
export function validateStore(bytes: Uint8Array, options: ValidateStoreOptions = {}): readonly StoreFinding[] {
  const { name = "The store" } = options;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const findings: StoreFinding[] = [];
  const add = (
    severity: StoreFinding["severity"],
    code: StoreFinding["code"],
    path: string,
    message: string,
    more: Partial<StoreFinding> = {},
  ) => findings.push({ code, severity, path, message, ...more });

  const stored = attempt(() => parseJsonFile(name, buffer));
  if ("error" in stored) {
    add("error", "not-readable", "$", stored.error.message);
    return findings;
  }
  const tree = attempt(() => parseJsonFileAsTree(name, buffer));
  if ("error" in tree) add("error", "not-writable", "$", tree.error.message);
  const written = stored.value;
  if (!isRecord(written)) {
    add("error", "not-readable", "$", `${name} is not a JSON object`, { didYouMean: '{ "version": 1, "profiles": {} }' });
    return findings;
  }

  const flat = flatEntries(written);
  for (const { name: member, id } of flat) {
    const message = `it is read as the account ${id}; accounts belong under profiles, and the next change puts it there`;
    add("warning", "flat-store", member, message, { profileId: id, didYouMean: `profiles.${id}` });
  }
  const json = unflattened(written, flat);
  checkVersion(json);
  checkTop(json);
  const entries = json["profiles"];
  if (entries === undefined || entries === null) {
    if (Object.keys(json).length === 0)
      add("warning", "part-invalid", "profiles", "there are no profiles", { didYouMean: '"profiles": {}' });
    else add("error", "part-invalid", "profiles", "there are no profiles", { didYouMean: '"profiles": {}' });
  } else if (!isRecord(entries)) {
    add("error", "part-invalid", "profiles", "it is not an object of accounts by id");
    return findings;
  } else {
    for (const [id, entry] of Object.entries(entries)) findings.push(...validateProfile(id, entry, `profiles.${id}`, options));
  }
  checkOrder(json);
  for (const part of ["lastGood", "usageStats"]) {
    if (json[part] !== undefined && !isPart(json[part], part))
      add("warning", "part-invalid", part, "it is not as older versions wrote it, and is not read");
  }
  return findings;

  function checkVersion({ version }: UnknownRecord): void {
    if (version === undefined) return;
    if (typeof version !== "number" || !Number.isInteger(version) || version < 1) {
      add("warning", "version-invalid", "version", `it is the number ${STORE_VERSION}`);
    } else if (version > STORE_VERSION) {
      add("warning", "newer-version", "version", "a newer version wrote it, so it is only read", { fix: "update openclaw" });
    }
  }

  /** Accounts that stand beside `profiles` are accounts to nobody. */
  function checkTop(top: UnknownRecord): void {
    for (const [member, value] of Object.entries(top)) {
      const account = flatEntry(member, value);
      const didYouMean = account === undefined ? undefined : `profiles.${account.id}`;
      if (didYouMean !== undefined) add("error", "beside-profiles", member, "nothing reads an account outside profiles", { didYouMean });
    }
  }

  function checkOrder(top: UnknownRecord): void {
    const order = top["order"];
    if (order === undefined) return;
    if (order === null) {
      add("warning", "order-invalid", "order", "it is nothing; leave it out");
      return;
    }
    if (!isRecord(order)) {
      add("error", "order-invalid", "order", "it is not an object of lists by provider");
      return;
    }
    const normalize = options.normalizeProvider ?? plainProvider;
    const { profiles } = parseAuthStore(top, { ...(options.secretDefaults && { secretDefaults: options.secretDefaults }) });
    const others = new Set(options.otherIds);
    for (const [provider, list] of Object.entries(order)) {
      const path = `order.${provider}`;
      const fix = `openclaw models auth order set --provider ${provider} IDS...`;
      if (!Array.isArray(list)) {
        add("error", "order-invalid", path, "it is not a list of ids, and is not read", { fix });
        continue;
      }
      const usable = list.map(readText).filter((id) => id !== undefined && (profiles.has(id) || others.has(id)));
      for (const [index, item] of list.entries()) {
        const id = readText(item);
        const at = `${path}[${index}]`;
        const found = id === undefined ? undefined : profiles.get(id);
        if (id === undefined) add("error", "order-invalid", at, "it is not the id of an account", { fix });
        else if (found !== undefined && normalize(found.provider) !== normalize(provider)) {
          add("warning", "order-other-provider", at, `the account is for ${found.provider}`, { profileId: id, fix });
        } else if (found === undefined && !others.has(id)) {
          const severity = usable.length === 0 ? "error" : "warning";
          add(
            severity,
            "order-unknown-id",
            at,
            usable.length === 0 ? "no account of the list is stored, so none is used" : "no such account is stored",
            {
              ...nearTo(id, provider, [...profiles.keys()]),
              fix,
            },
          );
        }
      }
    }
  }
}

function isPart(value: unknown, part: string): boolean {
  if (!isRecord(value)) return false;
  return Object.values(value).every((entry) => (part === "lastGood" ? typeof entry === "string" : isRecord(entry)));
}

function nearTo(id: string, provider: string, ids: readonly string[]): { readonly didYouMean?: string } {
  const name = id.toLowerCase();
  const same = ids.find((other) => other.toLowerCase() === name || other === `${provider}:${id}`);
  const found = same ?? ids.find((other) => other.startsWith(`${plainProvider(provider)}:`));
  return found === undefined ? {} : { didYouMean: found };
}

function attempt<T>(read: () => T): { readonly value: T } | { readonly error: AuthProfileError } {
  try {
    return { value: read() };
  } catch (error) {
    if (error instanceof AuthProfileError) return { error };
    throw error;
  }
}
