import { allKeys, type HomeSnapshot, nearest, profileFingerprints } from "@openclaw/home";
import { authProviderId } from "@openclaw/providers";
import type { Candidate } from "@openclaw/secrets";
import { CliError } from "../exit.ts";
import { parseFault, type Fault } from "./fault.ts";

/** What fails, and how. */
export interface TargetedFault {
  /** As it was typed. */
  readonly target: string;
  readonly fault: Fault;
  hits(candidate: Candidate): boolean;
}

/** Whom a fault may be for. */
export interface FaultContext {
  readonly home: HomeSnapshot;
  readonly agentId: string | undefined;
  /** What the requests may try, whatever cools. */
  readonly candidates: readonly Candidate[];
}

/**
 * Reads `<target>=<what>`: a profile id, the fingerprint of an account or a key, where a key is (`OPENAI_API_KEYS[2]`, or `OPENAI_API_KEYS` for all in
 * it), a provider, or `bucket:<name>`.
 *
 * @throws {CliError} for a target or a failure that is none, with what is like it.
 */
export function parseTargetedFault(text: string, context: FaultContext): TargetedFault {
  const at = text.lastIndexOf("=");
  if (at <= 0) {
    throw new CliError(
      `${JSON.stringify(text)} does not say what fails how.`,
      "for example --fail anthropic:work=429, --fail openai=timeout or --fail 'OPENAI_API_KEYS[1]=429@5m'",
    );
  }
  const target = text.slice(0, at).trim();
  const fault = parseFault(text.slice(at + 1));
  const tests = testsFor(target, context);
  const known = knownTargets(context);
  const hits = tests.find((test) => context.candidates.some(test));
  if (hits) return { target, fault, hits };
  // Something that is there and that no request of these tries: nothing comes of its failing.
  if (known.includes(target) || context.home.providers.find(target) !== undefined) return { target, fault, hits: () => false };
  const near = nearest(target, known);
  const hint = near.length > 0 ? `there is ${near.join(", ")}` : "openclaw models auth explain shows what a request would try";
  throw new CliError(`No account, key, provider or bucket is called ${JSON.stringify(target)}.`, hint);
}

type Test = (candidate: Candidate) => boolean;

/** What a name may stand for, the most exact first. */
function testsFor(target: string, { home, agentId }: FaultContext): readonly Test[] {
  const profiles = home.agents.find(agentId).profiles();
  const isShownAs = (id: string) => target.startsWith("#") && profileFingerprints(home, profiles, id).includes(target);
  const shown = new Set(profiles.ids().filter(isShownAs));
  return [
    ({ profileId }) => profileId === target,
    ({ id, origin, profileId }) => id === target || origin === target || (profileId !== undefined && shown.has(profileId)),
    ({ origin }) => origin.replace(/\[\d+\]$/u, "") === target,
    ({ provider, bucket }) => bucket !== undefined && (target === `bucket:${bucket}` || target === `bucket:${provider}:${bucket}`),
    ({ provider }) => provider === authProviderId(target),
  ];
}

function knownTargets({ home, agentId, candidates }: FaultContext): readonly string[] {
  const keys = allKeys(home).flatMap(({ id, origin }) => [id, origin, origin.replace(/\[\d+\]$/u, "")]);
  const planned = candidates.flatMap(({ id, origin, provider, bucket }) => [
    id,
    origin,
    provider,
    ...(bucket === undefined ? [] : [`bucket:${provider}:${bucket}`, `bucket:${bucket}`]),
  ]);
  const profiles = home.agents.find(agentId).profiles();
  const stored = profiles.ids().flatMap((id) => [id, ...profileFingerprints(home, profiles, id)]);
  return [...new Set([...stored, ...keys, ...planned, ...home.providers.configured])];
}
