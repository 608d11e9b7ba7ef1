import type { Home } from "@openclaw/home";
import type { ExitCode } from "./exit.ts";
import type { StatusReport } from "./status-types.ts";

/** 1 when something does not work, else 2 when something is about to, else 0. With `only`, other profiles do not count. */
export function checkExit(report: StatusReport, only?: ReadonlySet<string>): ExitCode {
  const { oauth, unusableInUse } = report.auth;
  const profiles = oauth.profiles.filter(({ profileId }) => only === undefined || only.has(profileId));
  const isBroken = profiles.some(
    (profile) => profile.status === "expired" || profile.status === "missing" || (profile.type !== "oauth" && profile.access === "missing"),
  );
  if (isBroken || unusableInUse.length > 0) return 1;
  return profiles.some((profile) => profile.status === "expiring") ? 2 : 0;
}

/** Profiles that matter to requests for the configured models. */
export interface ProfilesInUse {
  /** What a request would be tried with as things are. */
  readonly used: ReadonlySet<string>;
  /** Also what it would be tried with, did it work. */
  readonly wanted: ReadonlySet<string>;
}

/** Why a profile is left out of a request that is one of its own: its credential, and not an order or a setting. */
const ownReasons: ReadonlySet<string> = new Set(["missing_credential", "invalid_expires", "expired", "unresolved_ref"]);

/** The profiles that requests for the configured models of an agent are for. */
export function profilesInUse(home: Home, agentId: string | undefined): ProfilesInUse {
  const { models, providers } = home.current;
  const settings = models(agentId);
  const refs = [settings.defaultModel, ...settings.fallbacks, ...[settings.imageModel ?? []].flat(), ...settings.imageFallbacks];
  const names = new Set(refs.flatMap((ref) => settings.resolve(ref)?.provider ?? []));
  const plans = [...names]
    .filter((provider) => providers.find(provider) !== undefined)
    .map((provider) => home.plan({ provider, ...(agentId !== undefined && { agentId }) }));
  const used = new Set(plans.flatMap(({ candidates }) => candidates.flatMap(({ profileId }) => profileId ?? [])));
  const broken = plans.flatMap(({ excluded }) => excluded.filter(({ reason }) => ownReasons.has(reason)).map(({ id }) => id));
  return { used, wanted: new Set([...used, ...broken]) };
}
