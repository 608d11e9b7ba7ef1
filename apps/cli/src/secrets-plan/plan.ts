import type { JsonValue } from "@openclaw/home";
import {
  formatSecretRef,
  readPrivateFile,
  SecretsError,
  secretProvidersSchema,
  type SecretDefaults,
  type SecretProviders,
} from "@openclaw/secrets";
import { z } from "zod";
import { CliError } from "../exit.ts";
import { forbiddenNames, readTarget, type PlanTarget, type Refuse } from "./target.ts";

/** What `secrets apply` is to do: which places are to hold which references. */
export interface SecretsPlan {
  readonly targets: readonly PlanTarget[];
  /** Entries of `secrets.providers` to set: as they are understood, and as they are written. */
  readonly providerUpserts: SecretProviders;
  readonly writtenUpserts: Readonly<Record<string, JsonValue>>;
  readonly providerDeletes: readonly string[];
  /** What to clean of the values that are moved. */
  readonly scrub: { readonly env: boolean; readonly profiles: boolean; readonly legacy: boolean };
}

const MAX_BYTES = 5 * 1024 * 1024;

const text = z.string();
const flag = z.boolean().optional();

// Fields we do not know are let be: plans also say who made them and when.
const planSchema = z.object({
  version: z.literal(1),
  protocolVersion: z.literal(1),
  targets: z.array(
    z.object({
      type: text,
      path: text,
      pathSegments: z.array(text).optional(),
      ref: z.unknown(),
      providerId: text.optional(),
      accountId: text.optional(),
      agentId: text.optional(),
      authProfileProvider: text.optional(),
    }),
  ),
  providerUpserts: z.record(text, z.json()).optional(),
  providerDeletes: z.array(text).optional(),
  options: z.object({ scrubEnv: flag, scrubAuthProfilesForProviderTargets: flag, scrubLegacyAuthJson: flag }).optional(),
});

/**
 * Reads a plan.
 *
 * @throws {CliError} that names the file, and the reason as its hint; no value of the file is in it.
 */
export async function readPlan(path: string, defaults: SecretDefaults): Promise<SecretsPlan> {
  const refuse = refuseFor(path);
  try {
    const bytes = await readPrivateFile(path, { maxBytes: MAX_BYTES, followLink: true });
    return parsePlan(bytes?.toString("utf8") ?? refuse("there is no such file"), defaults, refuse);
  } catch (error) {
    if (!(error instanceof SecretsError)) throw error;
    return refuse(error.message);
  }
}

/** Says what is wrong with the plan of that path. */
export function refuseFor(path: string): Refuse {
  return (reason) => {
    throw new CliError(`Invalid secrets plan file: ${path}`, reason);
  };
}

/** Parses and checks the text of a plan. */
export function parsePlan(text: string, defaults: SecretDefaults, refuse: Refuse): SecretsPlan {
  const parsed = planSchema.safeParse(parseJson(text, refuse));
  if (!parsed.success) return refuse(problemOf(parsed.error));
  const { targets, providerUpserts: writtenUpserts = {}, providerDeletes = [], options } = parsed.data;
  const plan: SecretsPlan = {
    targets: distinct(
      targets.map((target) => readTarget(target, defaults, refuse)),
      refuse,
    ),
    providerUpserts: readProviders(writtenUpserts, refuse),
    writtenUpserts,
    providerDeletes,
    scrub: {
      env: options?.scrubEnv ?? true,
      profiles: options?.scrubAuthProfilesForProviderTargets ?? true,
      legacy: options?.scrubLegacyAuthJson ?? true,
    },
  };
  for (const alias of [...Object.keys(writtenUpserts), ...providerDeletes]) {
    if (forbiddenNames.has(alias)) refuse(`a secret provider cannot be called ${alias}`);
  }
  const both = providerDeletes.find((alias) => Object.hasOwn(writtenUpserts, alias));
  if (both !== undefined) refuse(`the secret provider ${both} is both set and deleted`);
  return plan;
}

function readProviders(written: Readonly<Record<string, JsonValue>>, refuse: Refuse): SecretProviders {
  const providers = secretProvidersSchema.safeParse(written);
  if (!providers.success) return refuse(`providerUpserts: ${problemOf(providers.error)}`);
  // What an output showed in place of a secret must not be stored as if it were one.
  const masked = Object.keys(written).find((alias) => /\[redacted\]|__OPENCLAW_REDACTED__|\*\*\*/iu.test(JSON.stringify(written[alias])));
  if (masked !== undefined) refuse(`providerUpserts: ${masked} holds the mask of a secret, not a secret`);
  return providers.data;
}

/** A place named twice counts once, where both say the same. */
function distinct(targets: readonly PlanTarget[], refuse: Refuse): readonly PlanTarget[] {
  const found = new Map<string, PlanTarget>();
  for (const target of targets) {
    const place = JSON.stringify([
      target.kind === "profile" ? target.agentId : "",
      target.kind === "profile" ? target.profileId : target.segments,
    ]);
    const known = found.get(place);
    if (known !== undefined && formatSecretRef(known.ref) !== formatSecretRef(target.ref))
      refuse(`${target.path} is to hold two references`);
    found.set(place, known ?? target);
  }
  return [...found.values()];
}

function parseJson(text: string, refuse: Refuse): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return refuse("it is not JSON"); // The parser quotes the text.
  }
}

function problemOf(error: z.ZodError): string {
  const [issue] = error.issues;
  return issue === undefined ? "it is no plan" : `${issue.path.map(String).join(".") || "the plan"}: ${issue.message}`;
}
