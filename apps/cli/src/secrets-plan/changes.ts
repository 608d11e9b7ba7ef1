import { keyVariables } from "@openclaw/key-rotation";
import { authProviderId, findProvider } from "@openclaw/providers";
import { isCredentialVariable, parseConfig, type Config, type EnvLayers } from "@openclaw/home";
import { AuthProfileError, parseAuthStore } from "@openclaw/auth-profiles";
import { CliError } from "../exit.ts";
import { scrubEnv } from "./env-file.ts";
import { distinctFiles, realPathOf, type FileText, type HomeFiles } from "./home-files.ts";
import { parseStoreText } from "./json-tree.ts";
import type { MovedValues } from "./moved.ts";
import { placeInConfig, placeInStore, type Stamp } from "./place-references.ts";
import type { SecretsPlan } from "./plan.ts";
import { findOrphan, referencesOf, type HomeReferencesAfter } from "./references-after.ts";
import { cleanBackup } from "./clean-backup.ts";
import { leftIn } from "./left-in.ts";
import { scrubLegacy, scrubProfiles, type Scrubbed } from "./scrub.ts";
import type { Standing } from "./standing.ts";
import type { PlanTarget, ProfileTarget, Refuse } from "./target.ts";
import { variableOwners } from "./variable-owners.ts";
import type { ApplyWarning } from "./warning.ts";

/** What changes are made from. */
export interface ChangesInput {
  readonly plan: SecretsPlan;
  readonly files: HomeFiles;
  readonly env: Pick<EnvLayers, "layerOf">;
  readonly standings: ReadonlyMap<PlanTarget, Standing>;
  readonly moved: MovedValues;
  readonly stamp: Stamp;
  readonly refuse: Refuse;
}

/** A file as it will be. */
interface FileAfter {
  readonly before: FileText;
  /** It may hold secrets. */
  readonly text: string;
}

/** What a plan makes of a home. Nothing is written yet. */
export interface PlannedChanges {
  /** Those that change. */
  readonly files: readonly FileAfter[];
  readonly config: Config;
  readonly references: HomeReferencesAfter;
  readonly warnings: readonly ApplyWarning[];
}

/**
 * Works out every file as it will be: references in their places, then the values they stand for taken out
 * of where else they are.
 *
 * @throws {CliError} for a plan that does not fit the home.
 */
export function planChanges(input: ChangesInput): PlannedChanges {
  const { plan, files, moved, refuse } = input;
  const configText = placeInConfig(files.config.path, files.config.text, plan, (target) => input.standings.get(target), input.stamp);
  const config = parseConfig(configText.replace(/^\uFEFF/u, "") || "{}", files.config.path);
  const warnings: ApplyWarning[] = [...leftIn(files.config.path, configText, config, moved), ...createdProviders(input)];
  const after: FileAfter[] = [{ before: files.config, text: configText }];

  const stores: unknown[] = [];
  const targetProviders = new Set(plan.targets.flatMap((target) => providerOf(target) ?? []));
  for (const store of distinctFiles(files.agents.map(({ store }) => store))) {
    const ids = files.agents.filter((agent) => realPathOf(agent.store) === realPathOf(store)).map(({ id }) => id);
    const targets = plan.targets.filter((target) => target.kind === "profile").filter(({ agentId }) => ids.includes(agentId));
    const placed = placeInStore(store.path, store.text, targets, refuse);
    const scrubbed = storeWithout(store.path, placed, targets, input);
    after.push({ before: store, text: scrubbed.text });
    const parsed = readable(() => checkedStore(scrubbed.text, store.path), targets.length > 0);
    if (parsed !== undefined) stores.push(parsed);
    warnings.push(...scrubbed.warnings, ...leftIn(store.path, scrubbed.text, parsed, moved));
  }
  for (const { path, text, ...file } of plan.scrub.legacy ? distinctFiles(files.agents.map(({ legacy }) => legacy)) : []) {
    const scrubbed = skipBroken({ path, text }, () => scrubLegacy(path, text, moved, targetProviders));
    after.push({ before: { path, text, ...file }, text: scrubbed.text });
    warnings.push(
      ...scrubbed.warnings,
      ...leftIn(
        path,
        scrubbed.text,
        readable(() => parseStoreText(scrubbed.text, path), false),
        moved,
      ),
    );
  }
  for (const { path, text } of distinctFiles(files.agents.map(({ models }) => models))) {
    warnings.push(
      ...leftIn(
        path,
        text,
        readable(() => parseStoreText(text, path), false),
        moved,
      ),
    );
  }

  const references = referencesOf(config, stores);
  const orphan = findOrphan(references, config, plan.providerDeletes);
  if (orphan) {
    throw new CliError(
      `The secret provider ${orphan.alias} is still used by ${orphan.path}; nothing was changed`,
      "keep it, or give that place another reference in the same plan",
    );
  }
  if (plan.scrub.env) {
    const { text, warnings: more } = envWithout(input, config, references, targetProviders);
    after.push({ before: files.env, text });
    warnings.push(...more);
  }
  for (const backup of files.backups) {
    const { text, warnings: more } = cleanBackup(backup, input);
    after.push({ before: backup, text });
    warnings.push(...more);
  }
  return { files: after.filter(({ before, text }) => before.text !== text), config, references, warnings };
}

function storeWithout(path: string, text: string, targets: readonly ProfileTarget[], { plan, moved }: ChangesInput): Scrubbed {
  if (!plan.scrub.profiles || moved.keyProviders.size === 0 || text === "") return { text, warnings: [] };
  const targeted = new Set(targets.map(({ profileId }) => profileId));
  return targets.length > 0
    ? scrubProfiles(path, text, moved, targeted)
    : skipBroken({ path, text }, () => scrubProfiles(path, text, moved, targeted));
}

/** A file that the plan does not name and that is broken is left as it is, and named. */
function skipBroken({ path, text }: Pick<FileText, "path" | "text">, run: () => Scrubbed): Scrubbed {
  if (text === "") return { text, warnings: [] };
  try {
    return run();
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return { text, warnings: [{ code: "file-skipped", file: path, message: `not searched: ${error.message}` }] };
  }
}

function checkedStore(text: string, path: string): unknown {
  const store = parseStoreText(text, path);
  parseAuthStore(store, { name: path });
  return store;
}

function readable<T>(read: () => T, mustBe: boolean): T | undefined {
  try {
    return read();
  } catch (error) {
    if (mustBe || !(error instanceof CliError || error instanceof AuthProfileError)) throw error;
    return undefined;
  }
}

function envWithout(
  { files, env, moved }: ChangesInput,
  config: Config,
  { variables }: HomeReferencesAfter,
  providers: ReadonlySet<string>,
): Scrubbed {
  const { path, text: before } = files.env;
  const configured = variableOwners(Object.keys(config.models?.providers ?? {}));
  const targeted = variableOwners(providers);
  const { text, removed, needed, others } = scrubEnv(before, {
    isCredential: (name) => isCredentialVariable(name, configured(name)),
    isMigrated: (value) => moved.has(value),
    isNeeded: (name) => variables.has(name) && env.layerOf(name) === ".env",
  });
  const warn = (code: ApplyWarning["code"], name: string, message: string) => ({ code, file: path, path: `$env.${name}`, message });
  const theirs = others.filter((name) => targeted(name).some((provider) => isVariableOf(name, provider)));
  const named = [
    ...needed.map((name) => warn("unscrubbed", name, `a reference reads ${name} from here; the line stays`)),
    ...theirs.map((name) => warn("unscrubbed", name, `${name} holds another value than the one that was moved; the line stays`)),
    ...removed
      .filter((name) => variables.has(name))
      .map((name) =>
        warn(
          "environment-only",
          name,
          `a reference reads ${name}, which is now set in the environment of this process alone: see that the gateway gets it too`,
        ),
      ),
  ];
  return { text, warnings: needed.length > 0 ? named : [...named, ...leftIn(path, text, undefined, moved)] };
}

function isVariableOf(name: string, provider: string): boolean {
  const { live, primary, list, prefix } = keyVariables(provider);
  return [live, primary, list, ...(findProvider(provider)?.env ?? [])].includes(name) || name.startsWith(prefix);
}

/** The provider whose accounts a target is about. */
function providerOf(target: PlanTarget): string | undefined {
  const name =
    target.kind === "profile"
      ? (target.provider ?? target.profileId.split(":")[0])
      : target.surface.id.startsWith("models.providers")
        ? target.segments[2]
        : undefined;
  return name === undefined ? undefined : authProviderId(name);
}

/** A provider that was not there and that nobody knows is made without an address: its name may be a slip. */
function createdProviders({ plan, files }: ChangesInput): readonly ApplyWarning[] {
  const { models } = parseConfig(files.config.text.replace(/^\uFEFF/u, "") || "{}", files.config.path);
  const before = new Set(Object.keys(models?.providers ?? {}));
  return plan.targets.flatMap((target): readonly ApplyWarning[] => {
    const id = target.kind === "config" && target.segments[1] === "providers" ? target.segments[2] : undefined;
    if (id === undefined || before.has(id) || findProvider(id) !== undefined) return [];
    const message = `models.providers.${id} was not there and is made without a baseUrl: check its name`;
    return [{ code: "provider-created", message, file: files.config.path, path: target.path }];
  });
}
