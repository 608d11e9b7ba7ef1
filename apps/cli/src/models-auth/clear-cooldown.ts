import { cooldownPolicy, selectCooldowns, type CooldownQuery, type CooldownSelection, type HomeSnapshot } from "@openclaw/home";
import { defaultCooldownPolicy, heededUntil, type CooldownPolicy, type HealthRecords, type WindowRecord } from "@openclaw/key-rotation";
import { authProviderId } from "@openclaw/providers";
import type { LockOptions } from "@openclaw/secrets";
import { CliError } from "../exit.ts";
import { cooldownFiles, type CooldownFile } from "./cooldown-files.ts";

/** What is to be cleared, as it was typed. */
export interface ClearRequest extends Pick<CooldownQuery, "model" | "agentId"> {
  /** A profile id, a fingerprint, where a key is (`OPENAI_API_KEYS[2]`), or `bucket:...`. */
  readonly target: string | undefined;
  readonly provider: string | undefined;
  readonly isAll: boolean;
}

/** A window that was cleared, or would be. */
export interface ClearedWindow {
  /** A profile id, the fingerprint of a key, or `bucket:<provider>:<name>`. */
  readonly id: string;
  /** Where a key is. */
  readonly origin?: string;
  /** `*` for all models. */
  readonly model: string;
  readonly reason: string;
  /** Windows in a row, which is forgotten with it. */
  readonly count: number;
  /** When it would have ended, epoch milliseconds. */
  readonly until: number;
  /** 0 where it had ended, and the next request was to try. */
  readonly remainingMs: number;
  /** Path of the file it was kept in. */
  readonly file: string;
}

/** What was cleared. */
export interface ClearReport {
  readonly version: 1;
  readonly agentId: string;
  readonly isDryRun: boolean;
  /** In words: whose cooldowns were meant. */
  readonly what: string;
  readonly cleared: readonly ClearedWindow[];
}

export interface ClearOptions {
  readonly mode: "write" | "dry-run";
  readonly now: number;
  readonly signal: AbortSignal;
}

/**
 * Clears cooldowns, under the locks of the files they are kept in. Nothing is written where there is nothing to clear.
 *
 * @throws {CliError} or {HomeError} for a target that is none; {RotationError} for a state file that cannot be read or written.
 */
export async function clearCooldowns(home: HomeSnapshot, request: ClearRequest, options: ClearOptions): Promise<ClearReport> {
  const whose = whoseCooldowns(request);
  const files = cooldownFiles(home, request.agentId);
  const kept = await Promise.all(files.map(async (file) => keptIn(home, file)));
  const selection = selectCooldowns(
    home,
    { whose, model: request.model, agentId: request.agentId },
    kept.flatMap(({ records, older }) => [...records.credentials.keys(), ...older.credentials.keys()]),
  );
  const cleared: ClearedWindow[] = [];
  const policy = { ...defaultCooldownPolicy, ...cooldownPolicy(home.config) };
  for (const [index, file] of files.entries()) {
    const { records, older } = kept[index] ?? none;
    const found = (from: HealthRecords, path: string) =>
      windowsIn(from, selection).map((window) => viewOf(window, { path, selection, now: options.now, policy }));
    if (options.mode === "dry-run") cleared.push(...found(records, file.path));
    else {
      await file.at.update((current) => {
        cleared.push(...found(current, file.path));
        return without(current, selection);
      }, options);
      await forgetOlder(home, file, { older, selection, waiting: options });
    }
    cleared.push(...found(older, file.storePath));
  }
  const { what } = selection;
  const agentId = home.agents.find(request.agentId).id;
  return { version: 1, agentId, isDryRun: options.mode === "dry-run", what, cleared: cleared.toSorted(byEnd) };
}

/**
 * Clears the cooldowns of a provider's accounts, of which a person has just mended one.
 *
 * @throws {RotationError} for a state file that cannot be read or written.
 */
export async function clearAccountCooldowns(
  home: HomeSnapshot,
  { agentId, provider, signal }: { readonly agentId: string | undefined; readonly provider: string; readonly signal: AbortSignal },
): Promise<void> {
  const { profiles } = home.agents.find(agentId).profiles().store;
  const wanted = authProviderId(provider);
  const hasId = (id: string) => authProviderId(profiles.get(id)?.provider ?? id.split(":", 1)[0] ?? "") === wanted;
  const selected = { hasId, hasModel: () => true };
  for (const { at } of cooldownFiles(home, agentId)) {
    if (windowsIn(await at.read(), selected).length > 0) await at.update((records) => without(records, selected), { signal });
  }
}

/** Takes out what is kept of the use of an account that has gone. @throws as {@link clearAccountCooldowns} does. */
export async function forgetUse(
  home: HomeSnapshot,
  { agentId, profileId, signal }: { readonly agentId: string | undefined; readonly profileId: string; readonly signal: AbortSignal },
): Promise<void> {
  const { storePath } = home.agents.find(agentId);
  const isKept = ({ credentials, lastGood }: HealthRecords) => credentials.has(profileId) || Object.values(lastGood).includes(profileId);
  for (const { at } of cooldownFiles(home, agentId).filter((file) => file.storePath === storePath)) {
    if (!isKept(await at.read())) continue;
    await at.update(
      ({ credentials, lastGood }) => ({
        credentials: new Map([...credentials].filter(([id]) => id !== profileId)),
        lastGood: Object.fromEntries(Object.entries(lastGood).filter(([, id]) => id !== profileId)),
      }),
      { signal },
    );
  }
}

function whoseCooldowns({ target, provider, isAll }: ClearRequest): CooldownQuery["whose"] {
  const given = [target !== undefined, provider !== undefined, isAll].filter(Boolean).length;
  if (given !== 1) {
    const problem = given === 0 ? "Which cooldowns?" : "Choose one of an id, --provider and --all.";
    throw new CliError(
      problem,
      "name an account, a fingerprint or a bucket, or add --provider <name> or --all; openclaw models status lists what cools",
    );
  }
  if (target !== undefined) return { kind: "one", name: target };
  return provider === undefined ? { kind: "all" } : { kind: "provider", name: provider };
}

interface Kept {
  readonly records: HealthRecords;
  /** What an older version wrote into the store itself, and no state file has taken the place of. */
  readonly older: HealthRecords;
}

const none: Kept = { records: { credentials: new Map(), lastGood: {} }, older: { credentials: new Map(), lastGood: {} } };

async function keptIn({ agents }: HomeSnapshot, { at, storePath }: CooldownFile): Promise<Kept> {
  const records = await at.read();
  const store = await agents.all.find((agent) => agent.storePath === storePath)?.storage.read();
  const older = [...(store?.usage ?? [])].filter(([id]) => !records.credentials.has(id));
  const windowsOf = (windows: Readonly<Record<string, { readonly until: number; readonly reason: string; readonly count?: number }>>) =>
    Object.fromEntries(Object.entries(windows).map(([model, { until, reason, count = 1 }]) => [model, { until, reason, count }]));
  return {
    records,
    older: { credentials: new Map(older.map(([id, { windows }]) => [id, { windows: windowsOf(windows) }])), lastGood: {} },
  };
}

/** An account's older bookkeeping goes as a whole, and so only where all of it is meant. */
async function forgetOlder(
  { agents }: HomeSnapshot,
  { storePath }: CooldownFile,
  { older, selection, waiting }: { readonly older: HealthRecords; readonly selection: CooldownSelection; readonly waiting: LockOptions },
): Promise<void> {
  const agent = agents.all.find((each) => each.storePath === storePath);
  if (!agent) return;
  const { usage, profiles } = await agent.storage.read();
  const ids = [...usage.keys(), ...older.credentials.keys()].filter((id) => {
    const windows = older.credentials.get(id)?.windows ?? {};
    return selection.hasId(id) && Object.keys(windows).every((model) => selection.hasModel(model));
  });
  const providers = Map.groupBy(new Set(ids), (id) => authProviderId(profiles.get(id)?.provider ?? id.split(":", 1)[0] ?? ""));
  if (providers.size === 0) return;
  await agent.storage.update((draft) => {
    for (const [provider, named] of providers) draft.clearUsage(provider, new Set(named));
  }, waiting);
}

type Selected = Pick<CooldownSelection, "hasId" | "hasModel">;

function without({ credentials, lastGood }: HealthRecords, { hasId, hasModel }: Selected): HealthRecords {
  const left = [...credentials].map(([id, record]) => {
    const windows = Object.entries(record.windows).filter(([model]) => !hasId(id) || !hasModel(model));
    return [id, { ...record, windows: Object.fromEntries(windows) }] as const;
  });
  return { credentials: new Map(left), lastGood };
}

interface FoundWindow extends WindowRecord {
  readonly id: string;
  readonly model: string;
}

function windowsIn({ credentials }: HealthRecords, { hasId, hasModel }: Selected): readonly FoundWindow[] {
  return [...credentials].flatMap(([id, { windows }]) =>
    hasId(id) ? Object.entries(windows).flatMap(([model, window]) => (hasModel(model) ? [{ id, model, ...window }] : [])) : [],
  );
}

interface ViewContext {
  readonly path: string;
  readonly selection: CooldownSelection;
  readonly now: number;
  readonly policy: CooldownPolicy;
}

function viewOf({ id, model, reason, count, ...window }: FoundWindow, { path, selection, now, policy }: ViewContext): ClearedWindow {
  const origin = selection.keys.find((key) => key.id === id)?.origin;
  // Requests heed none for longer.
  const until = heededUntil({ until: window.until, reason }, now, policy);
  return { id, ...(origin !== undefined && { origin }), model, reason, count, until, remainingMs: Math.max(0, until - now), file: path };
}

function byEnd(left: ClearedWindow, right: ClearedWindow): number {
  return left.until - right.until || (left.id < right.id ? -1 : 1);
}
