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
import { jsonPosition } from "../json-position.ts";
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

// Plans also say who made them and when. What else nobody knows is a slip, and may be one that matters.
const planSchema = z.strictObject({
  $schema: z.unknown().optional(),
  generatedAt: z.unknown().optional(),
  generatedBy: z.unknown().optional(),
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
  // A switch that is misspelt would be on: what is to be kept would be cleaned away.
  options: z.strictObject({ scrubEnv: flag, scrubAuthProfilesForProviderTargets: flag, scrubLegacyAuthJson: flag }).optional(),
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
  } catch (error) {
    return refuse(`it is not JSON${jsonPosition(error)}`);
  }
}

function problemOf(error: z.ZodError): string {
  const [issue] = error.issues;
  if (issue === undefined) return "it is no plan";
  const place = issue.path.map(String).join(".") || "the plan";
  if (issue.code === "unrecognized_keys") {
    // A short word is shown; anything else may be what was to be kept out of sight.
    const names = issue.keys.map((name) => (/^[A-Za-z]{1,40}$/u.test(name) ? name : "a field"));
    return `${place} holds ${names.join(", ")}, which is not known: check its spelling`;
  }
  return issue.message.endsWith("received undefined") ? `${place} is missing` : `${place}: ${issue.message}`;
}
