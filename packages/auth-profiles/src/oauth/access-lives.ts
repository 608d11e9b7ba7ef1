import type { Secret } from "@openclaw/secrets";
import type { ProfileStorage } from "../file-storage.ts";
import type { OAuthProfile } from "../profile.ts";
import type { LoginCopy } from "./login-copies.ts";

/** How long the present access of each login lives, as far as this process knows. */
export interface AccessLives {
  /** Remembers an access that was got just now, and lives so long in all. */
  got(login: Pick<LoginCopy, "id" | "storage">, access: Secret, lifeMs: number): void;
  /**
   * Remembers an access that lives. One that has taken the place of another since the last look is new: it lives as
   * long as is left of it. How long the first one lives that is seen at all, nobody knows.
   */
  saw(login: LoginCopy, now: number): void;
  /**
   * How long before its end an access is to be replaced: 5 minutes, or the last tenth of its life where that is known
   * to be less, but soon enough for a look every 30 s.
   */
  aheadMs(login: LoginCopy, now: number): number;
}

interface Life {
  readonly access: Secret;
  /** How long it lives in all; at least what was left of it when it was first seen. */
  readonly leftMs: number;
  /** That is how long it lives, and not what was left when this process began to look. */
  readonly isWhole: boolean;
}

const AHEAD_MS = 5 * 60_000;
const AHEAD_OF_LIFE = 0.1;
/** One look and a half: who looks every 30 s does not miss it. */
const CATCH_MS = 45_000;

/** Remembers one access for each store and profile, the last one. */
export function createAccessLives(): AccessLives {
  const lives = new WeakMap<ProfileStorage, Map<string, Life>>();

  function remember({ id, storage }: Pick<LoginCopy, "id" | "storage">, life: Life): void {
    const own = lives.get(storage) ?? new Map<string, Life>();
    lives.set(storage, own.set(id, life));
  }

  return {
    got: (login, access, lifeMs) => remember(login, { access, leftMs: lifeMs, isWhole: true }),
    saw(login, now) {
      const { access } = login.profile;
      const leftMs = leftOf(login.profile, now);
      if (access === undefined || leftMs <= 0) return;
      const last = lives.get(login.storage)?.get(login.id);
      const isSame = last !== undefined && access.equals(last.access);
      // More is left of the same one than before where the clock was set back.
      if (!isSame || leftMs > last.leftMs) remember(login, { access, leftMs, isWhole: isSame ? last.isWhole : last !== undefined });
    },
    aheadMs({ id, storage, profile }, now) {
      const last = lives.get(storage)?.get(id);
      if (last === undefined) return AHEAD_MS;
      const isSame = profile.access?.equals(last.access) === true;
      if (isSame && !last.isWhole) return AHEAD_MS;
      const lifeMs = isSame ? last.leftMs : leftOf(profile, now);
      return Math.max(Math.min(AHEAD_MS, AHEAD_OF_LIFE * lifeMs), Math.min(CATCH_MS, lifeMs / 2), 0);
    },
  };
}

function leftOf({ expires }: OAuthProfile, now: number): number {
  return typeof expires === "number" ? expires - now : -Infinity;
}
