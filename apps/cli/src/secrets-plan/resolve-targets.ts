import type { Config, Home } from "@openclaw/home";
import {
  createSecretResolver,
  formatSecretRef,
  type ResolveAllOptions,
  type ResolveOutcome,
  type Secret,
  type SecretProviders,
  type SecretResolver,
} from "@openclaw/secrets";
import { CliError } from "../exit.ts";
import type { SecretsPlan } from "./plan.ts";
import type { HomeReferencesAfter } from "./references-after.ts";
import type { PlanTarget } from "./target.ts";
import type { ApplyWarning } from "./warning.ts";

/** What the references of a plan lead to. */
export interface ResolvedTargets {
  readonly resolved: ReadonlyMap<PlanTarget, Secret>;
  /** How many lead to commands that were not run. */
  readonly skipped: number;
}

/** Resolves with the secret providers as they will be. */
export function resolverAfter({ current: { env, paths } }: Home, config: Config, plan: SecretsPlan): SecretResolver {
  const kept = Object.entries(config.secrets?.providers ?? {}).filter(([alias]) => !plan.providerDeletes.includes(alias));
  const providers: SecretProviders = { ...Object.fromEntries(kept), ...plan.providerUpserts };
  return createSecretResolver({ env: env.values, providers, limits: config.secrets?.resolution, home: paths.home });
}

/**
 * Resolves the references of a plan, all at once.
 *
 * @throws {CliError} naming every reference that leads nowhere.
 */
export async function resolveTargets(
  { targets }: SecretsPlan,
  resolver: SecretResolver,
  options: ResolveAllOptions,
): Promise<ResolvedTargets> {
  const outcomes = await resolver.resolveAll(
    targets.map(({ ref }) => ref),
    options,
  );
  const failures = new Map<string, string>();
  const resolved = new Map<PlanTarget, Secret>();
  let skipped = 0;
  for (const target of targets) {
    const name = formatSecretRef(target.ref);
    const outcome = outcomes.get(name);
    if (outcome?.status === "resolved") resolved.set(target, outcome.secret);
    else if (outcome?.status === "skipped") skipped += 1;
    else failures.set(name, reasonOf(name, outcome));
  }
  if (failures.size === 0) return { resolved, skipped };
  const hints = [...outcomes.values()].flatMap((outcome) => (outcome.status === "failed" ? (outcome.error.hint ?? []) : []));
  throw new CliError(
    `SecretRefResolutionError: ${[...failures.values()].join("\n")}`,
    [...new Set(hints), "nothing was changed"].join("; "),
  );
}

/** Other references that go through a secret provider the plan sets: they were not asked for, and may break. */
export async function brokenReferences(
  plan: SecretsPlan,
  references: HomeReferencesAfter,
  resolver: SecretResolver,
  options: ResolveAllOptions,
): Promise<readonly ApplyWarning[]> {
  const planned = new Set(plan.targets.map(({ ref }) => formatSecretRef(ref)));
  const touched = references.refs.filter(
    ({ ref }) => Object.hasOwn(plan.providerUpserts, ref.provider) && !planned.has(formatSecretRef(ref)),
  );
  const outcomes = await resolver.resolveAll(
    touched.map(({ ref }) => ref),
    options,
  );
  return touched.flatMap(({ path, ref }): readonly ApplyWarning[] => {
    const name = formatSecretRef(ref);
    const outcome = outcomes.get(name);
    return outcome?.status === "failed" ? [{ code: "reference-broken", path, message: reasonOf(name, outcome) }] : [];
  });
}

function reasonOf(name: string, outcome: ResolveOutcome | undefined): string {
  const message = outcome?.status === "failed" ? outcome.error.message : "it was not resolved";
  return message.includes(name) ? message : `${name}: ${message}`;
}
