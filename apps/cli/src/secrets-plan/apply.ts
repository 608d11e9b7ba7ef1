import {
  agentDirOf,
  applyFileTransaction,
  finishFileTransaction,
  HomeError,
  parseConfig,
  type Config,
  type FinishedTransaction,
  type Home,
} from "@openclaw/home";
import { CliError } from "../exit.ts";
import { planChanges } from "./changes.ts";
import { compareValues } from "./compare-values.ts";
import { readHomeFiles, type HomeFiles } from "./home-files.ts";
import { parseStoreText } from "./json-tree.ts";
import { movedValues } from "./moved.ts";
import type { Stamp } from "./place-references.ts";
import { readPlan, refuseFor, type SecretsPlan } from "./plan.ts";
import { brokenReferences, resolverAfter, resolveTargets } from "./resolve-targets.ts";
import { standingAt, type Standing } from "./standing.ts";
import type { PlanTarget, Refuse } from "./target.ts";
import type { ApplyWarning } from "./warning.ts";

/** What a plan is carried out with. */
export interface ApplyOptions {
  readonly planPath: string;
  readonly mode: "dry-run" | "write";
  /** Permits commands to be run. Without it a plan that needs one can only be tried. */
  readonly allowExec: boolean;
  readonly stamp: Stamp;
  readonly signal?: AbortSignal;
}

/** What was done, or would be. The field names are OpenClaw's. */
export interface ApplyResult {
  readonly mode: "dry-run" | "write";
  readonly changed: boolean;
  /** Sorted. */
  readonly changedFiles: readonly string[];
  readonly checks: { readonly resolvability: boolean; readonly resolvabilityComplete: boolean };
  readonly refsChecked: number;
  readonly skippedExecRefs: number;
  readonly warningCount: number;
  readonly warnings: readonly ApplyWarning[];
  /** What a run that was killed had left, and what became of it. */
  readonly recovered?: FinishedTransaction;
}

/**
 * Carries out a plan, whole or not at all: every reference in it is resolved before the first byte is written, and
 * all files change at one moment. A dry run writes nothing, makes no folder, and runs a command only when it may.
 *
 * @throws {CliError} for a plan or a home that does not allow it; {HomeError} when a file changed meanwhile. Nothing was written.
 */
export async function applySecretsPlan(home: Home, options: ApplyOptions): Promise<ApplyResult> {
  const { planPath, mode, signal } = options;
  let plan = await readPlan(planPath, home.current.config.secrets?.defaults ?? {});
  let recovered: FinishedTransaction | undefined;
  if (mode === "write") {
    if (!options.allowExec) requireNoCommand(plan);
    recovered = await finishFileTransaction(home.current.paths.stateDir, lockOptions(signal));
    if (recovered.outcome !== "none") {
      await home.reload();
      plan = await readPlan(planPath, home.current.config.secrets?.defaults ?? {});
    }
  }

  const refuse = refuseFor(planPath);
  const files = await readHomeFiles(home.current);
  requireAgents(plan, files, home, refuse);
  const config = parseConfig(files.config.text.replace(/^\uFEFF/u, "") || "{}", files.config.path);
  const resolver = resolverAfter(home, config, plan);
  const asking = { allowExec: options.allowExec, signal };
  const { resolved, skipped } = await resolveTargets(plan, resolver, asking);
  const standings = standingsOf(plan, files, config, home);
  const moved = movedValues(plan.targets, standings, resolved);
  const changes = planChanges({ plan, files, env: home.current.env, standings, moved, stamp: options.stamp, refuse });
  const warnings = [
    ...plan.targets.flatMap((target) => compareValues(target, standings.get(target), resolved.get(target), home.current.salt)),
    ...(await brokenReferences(plan, changes.references, resolver, asking)),
    ...changes.warnings,
  ];
  if (mode === "write" && changes.files.length > 0) {
    signal?.throwIfAborted();
    await applyFileTransaction({
      stateDir: home.current.paths.stateDir,
      changes: changes.files.map(({ before, text }) => ({ path: before.path, content: text, expected: before.bytes })),
      lock: lockOptions(signal),
    });
  }
  return {
    mode,
    changed: changes.files.length > 0,
    changedFiles: changes.files.map(({ before }) => before.path).toSorted(),
    checks: { resolvability: true, resolvabilityComplete: skipped === 0 },
    refsChecked: resolved.size,
    skippedExecRefs: skipped,
    warningCount: warnings.length,
    warnings,
    ...(recovered && recovered.outcome !== "none" && { recovered }),
  };
}

function lockOptions(signal: AbortSignal | undefined) {
  return signal === undefined ? {} : { signal };
}

function requireNoCommand(plan: SecretsPlan): void {
  const hasRef = plan.targets.some(({ ref }) => ref.source === "exec");
  const hasProvider = Object.values(plan.providerUpserts).some(({ source }) => source === "exec");
  if (hasRef || hasProvider) throw new CliError("Plan contains exec SecretRefs/providers. Re-run with --allow-exec.");
}

/** A profile of an agent that does not exist would be read by nobody. */
function requireAgents({ targets }: SecretsPlan, files: HomeFiles, { current }: Home, refuse: Refuse): void {
  const ids = new Set(files.agents.map(({ id }) => id));
  for (const target of targets) {
    if (target.kind !== "profile") continue;
    try {
      agentDirOf(current.paths, target.agentId);
    } catch (error) {
      if (!(error instanceof HomeError)) throw error;
      refuse(`${target.path}: agentId is no plain name`);
    }
    if (!ids.has(target.agentId)) refuse(`${target.path}: there is no agent ${target.agentId}`);
  }
}

function standingsOf(
  { targets }: SecretsPlan,
  files: HomeFiles,
  config: Config,
  { current: { env, lookUp } }: Home,
): ReadonlyMap<PlanTarget, Standing> {
  const wanted = new Set(targets.flatMap((target) => (target.kind === "profile" ? target.agentId : [])));
  const stores = new Map(
    files.agents.flatMap(({ id, store }) => (id !== undefined && wanted.has(id) ? [[id, parseStoreText(store.text, store.path)]] : [])),
  );
  const storeOf = (target: PlanTarget) => (target.kind === "profile" ? stores.get(target.agentId) : undefined);
  return new Map(targets.map((target) => [target, standingAt(target, storeOf(target) ?? {}, { config, env, lookUp })]));
}
