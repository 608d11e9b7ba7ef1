import { authProviderId } from "@openclaw/providers";
import { readPrivateFile } from "@openclaw/secrets";
import { parseConfig, type Config } from "./config.ts";
import { editJson, type JsonChange } from "./edit-json.ts";
import { HomeError } from "./errors.ts";
import { applyFileTransaction, finishFileTransaction } from "./file-transaction.ts";
import type { HomePaths } from "./paths.ts";

/** Who changes `openclaw.json`, and when: the file says so under `meta`. */
export interface MetadataStamp {
  readonly version: string;
  readonly at: Date;
}

interface ChangeOptions {
  readonly paths: Pick<HomePaths, "configPath" | "stateDir">;
  /** The profile. */
  readonly id: string;
  readonly stamp: MetadataStamp;
  /** Ends the waiting for other writers. */
  readonly signal?: AbortSignal;
}

/** A profile that was stored, without its secrets. */
export interface RecordProfileOptions extends ChangeOptions {
  readonly provider: string;
  readonly mode: "api_key" | "oauth" | "token";
  readonly email?: string;
}

/**
 * Says in `openclaw.json` that there is a profile. Where the provider has an order the profile goes to its front,
 * under one spelling; where it has none and other profiles of it are of another mode, one is made. Comments and
 * everything else stay; a configuration that is not there is made, with mode 0600. Somebody's change meanwhile is kept.
 *
 * @returns the order of the provider that `openclaw.json` has now, if any.
 * @throws {HomeError} `config-invalid`, `json-path-refused`, and whatever {@link applyFileTransaction} throws; nothing was changed.
 */
export async function recordProfile(options: RecordProfileOptions): Promise<readonly string[] | undefined> {
  let order: readonly string[] | undefined;
  const changesOf = (config: Config) => {
    order = orderWith(config, options);
    return recordChanges(config, options, order);
  };
  await changeConfig(options, changesOf, "always");
  return order;
}

/**
 * Takes a profile out of `auth.profiles` and of every order in `openclaw.json`. An order that named no other stays,
 * empty, where other profiles of its provider are configured: it kept them out, and they would come in unasked.
 *
 * @returns whether it was there.
 * @throws what {@link recordProfile} throws.
 */
export function forgetProfile(options: ChangeOptions): Promise<boolean> {
  return changeConfig(options, (config) => forgetChanges(config, options.id), "when-changed");
}

/** What {@link forgetProfile} would take out, as places of the configuration. */
export function profilePlaces(config: Config, id: string): readonly string[] {
  const { profiles = {}, order = {} } = config.auth ?? {};
  return [
    ...(Object.hasOwn(profiles, id) ? [`auth.profiles.${id}`] : []),
    ...Object.entries(order).flatMap(([provider, ids]) => (ids.includes(id) ? [`auth.order.${provider}`] : [])),
  ];
}

/** The order of the profile's provider once it is recorded: the new one first. */
function orderWith(config: Config, { id, provider, mode }: RecordProfileOptions): readonly string[] | undefined {
  const { profiles = {}, order = {} } = config.auth ?? {};
  const name = authProviderId(provider);
  const lists = Object.entries(order).filter(([spelling]) => authProviderId(spelling) === name);
  if (lists.length > 0) return [...new Set([id, ...lists.flatMap(([, listed]) => listed)])];
  const others = Object.entries(profiles).filter(([other, facts]) => other !== id && authProviderId(facts.provider) === name);
  return others.every(([, other]) => other.mode === mode) ? undefined : [id, ...others.map(([other]) => other)];
}

function recordChanges(
  config: Config,
  { id, provider, mode, email }: RecordProfileOptions,
  ids: readonly string[] | undefined,
): readonly JsonChange[] {
  const { profiles = {}, order = {} } = config.auth ?? {};
  const name = authProviderId(provider);
  const place = ["auth", "profiles", id];
  const facts = { provider: name, mode, ...(email !== undefined && { email }) };
  const entry: readonly JsonChange[] = Object.hasOwn(profiles, id)
    ? Object.entries(facts).map(([field, value]) => ({ path: [...place, field], value }))
    : [{ path: place, value: facts }];

  if (ids === undefined) return entry;
  const otherSpellings = Object.keys(order).filter((spelling) => spelling !== name && authProviderId(spelling) === name);
  return [
    ...entry,
    ...otherSpellings.map((spelling) => ({ path: ["auth", "order", spelling], remove: true as const })),
    { path: ["auth", "order", name], value: [...ids] },
  ];
}

function forgetChanges(config: Config, id: string): readonly JsonChange[] {
  const { profiles = {}, order = {} } = config.auth ?? {};
  const providers = new Set(Object.entries(profiles).flatMap(([other, facts]) => (other === id ? [] : [authProviderId(facts.provider)])));
  return [
    ...(Object.hasOwn(profiles, id) ? [{ path: ["auth", "profiles", id], remove: true as const }] : []),
    ...Object.entries(order).flatMap(([provider, ids]): readonly JsonChange[] => {
      if (!ids.includes(id)) return [];
      const path = ["auth", "order", provider];
      const value = ids.filter((other) => other !== id);
      return [value.length > 0 || providers.has(authProviderId(provider)) ? { path, value } : { path, remove: true }];
    }),
  ];
}

/** Far beyond any configuration, and little enough to hold. */
const MAX_BYTES = 64 * 1024 * 1024;
const MOST_ATTEMPTS = 20;

// Fatal: what is no text would be changed by writing it as text. The byte order mark is kept.
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

async function changeConfig(
  { paths: { configPath, stateDir }, stamp, signal }: ChangeOptions,
  changesOf: (config: Config) => readonly JsonChange[],
  stamping: "always" | "when-changed",
): Promise<boolean> {
  const lock = signal === undefined ? {} : { signal };
  for (let attempt = 1; ; attempt += 1) {
    await finishFileTransaction(stateDir, lock);
    const expected = await readPrivateFile(configPath, { maxBytes: MAX_BYTES, followLink: true });
    const text = expected === undefined ? "" : decode(configPath, expected);
    const changes = changesOf(parseConfig(text.replace(/^\uFEFF/u, "").trim() || "{}", configPath));
    if (changes.length === 0 && stamping === "when-changed") return false;
    try {
      const content = edit(configPath, text, [...changes, ...stampChanges(stamp)]);
      await applyFileTransaction({ stateDir, changes: [{ path: configPath, content, expected }], lock });
      return true;
    } catch (error) {
      // Somebody was faster: what they wrote is what is changed now.
      if (!(error instanceof HomeError && error.code === "file-changed") || attempt === MOST_ATTEMPTS) throw error;
    }
  }
}

function stampChanges({ version, at }: MetadataStamp): readonly JsonChange[] {
  return [
    { path: ["meta", "lastTouchedVersion"], value: version },
    { path: ["meta", "lastTouchedAt"], value: at.toISOString() },
  ];
}

function decode(path: string, bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch (error) {
    throw new HomeError("config-unreadable", `${path} is not UTF-8 text`, { cause: error, hint: "save it as UTF-8; nothing was changed" });
  }
}

/** An error names the file. */
function edit(path: string, text: string, changes: readonly JsonChange[]): string {
  try {
    return editJson(text, changes, "json5");
  } catch (error) {
    if (!(error instanceof HomeError)) throw error;
    const hint = error.hint === undefined ? {} : { hint: error.hint };
    throw new HomeError(error.code, `${path}: ${error.message}; nothing was changed in it`, { cause: error, ...hint });
  }
}
