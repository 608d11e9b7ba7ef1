import type { HomeSnapshot } from "@openclaw/home";
import { RotationError } from "@openclaw/key-rotation";
import type { Unanswered } from "./ask-model.ts";
import { credentialFingerprint, type CredentialName } from "./credential-fingerprint.ts";
import { trailEntries, type CredentialTrail } from "./credential-trail.ts";
import type { Target } from "./targets.ts";
import { UnservedError } from "./unserved-error.ts";

/** Credentials named in one message. There may be thousands. */
const MOST_NAMED = 20;

/** A model that was asked, and what became of its credentials. */
interface Asked {
  readonly target: Target;
  readonly trail: CredentialTrail;
}

/**
 * The error of a request that no model answered: that of the first model and, where it is about credentials, what became of
 * each of all models'. They are named by fingerprint, because the name of a profile is often somebody's e-mail address.
 */
export function unserved(outcomes: readonly [Unanswered, ...Unanswered[]], home: HomeSnapshot, now: number): unknown {
  const [{ error, trail, target: first }] = outcomes;
  if (!trail) return error;
  const asked = outcomes.flatMap(({ trail, target }) => (trail ? [{ trail, target }] : []));
  const isCooling = error instanceof RotationError && error.code === "all-cooling";
  const times = outcomes.flatMap((each) => each.retryAt() ?? []);
  return new UnservedError(error, {
    trail: describe(asked, first, home, now),
    // One may have recovered since.
    retryAt: isCooling ? (times.toSorted((left, right) => left - right)[0] ?? now) : undefined,
    withoutNames: (text) => withoutNames(text, asked, home),
  });
}

function describe(asked: readonly Asked[], first: Target, home: HomeSnapshot, now: number): readonly string[] {
  const entries = asked.flatMap(({ trail, target }) => trailEntries(trail, now).map((entry) => ({ entry, target })));
  const named = entries.slice(0, MOST_NAMED).map(({ entry, target }) => {
    const model = target === first ? "" : `${target.provider}/${target.model} `;
    return `${model}${publicName(entry, target, home)} ${entry.what}`;
  });
  const more = entries.length - named.length;
  return more > 0 ? [...named, `and ${more} more`] : named;
}

/** A key of the configuration is called by its place there, which is nobody's name. */
function publicName({ id, store }: CredentialName, { provider, agentId }: Target, home: HomeSnapshot): string {
  if (id === `models.providers.${provider}.apiKey`) return id;
  return credentialFingerprint(home, { id, store: store ?? home.agents.find(agentId).profiles().storeOf(id) });
}

/** Only what the client itself called by its name is called so. */
function withoutNames(text: string, asked: readonly Asked[], home: HomeSnapshot): string {
  const names = asked.flatMap(({ trail: { plan }, target }) =>
    [...plan.candidates, ...plan.excluded].flatMap(({ id }) =>
      id !== target.profileId && text.includes(id) ? [{ id, fingerprint: publicName({ id }, target, home) }] : [],
    ),
  );
  // A name may be the beginning of another.
  const longestFirst = names.toSorted((left, right) => right.id.length - left.id.length);
  return longestFirst.reduce((left, { id, fingerprint }) => left.replaceAll(id, fingerprint), text);
}
