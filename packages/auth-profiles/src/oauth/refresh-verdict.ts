import { AuthProfileError } from "../errors.ts";
import { loginCommand } from "./login-command.ts";
import type { JournalEntry } from "./refresh-journal.ts";
import type { RefreshState } from "./refresh-state.ts";

/** How long after it was first sent a refresh token whose answer was lost may be sent once more: servers forgive for 5 to 60 s. */
export const RETRY_WINDOW_MS: number = 30_000;
/** Longer no refresh takes: two requests, and the saving of what was got. */
const LONGEST_REFRESH_MS = 2 * 60_000;
/** A provider that could not serve is left alone so long where it does not say for how long; each further failure in a row doubles it. */
const PAUSE_MS = 5_000;
/** One that would not serve does not change its mind soon. */
const DENIED_PAUSE_MS = 60_000;
/** It is not left alone for longer, whatever it says; nor is a clock that was set back believed. */
const LONGEST_PAUSE_MS = 15 * 60_000;
/** Those who were refused together do not come back together. */
const JITTER = 0.1;

/** Whether a refresh token may be sent: for the first time, once more after a lost answer, or not. */
export type RefreshVerdict =
  | { readonly kind: "send" }
  | { readonly kind: "retry"; readonly startedAt: number }
  | { readonly kind: "refuse"; readonly state: RefusedState; readonly error: AuthProfileError };

type RefusedState = Exclude<RefreshState, "ready" | "none">;
const codes = { rejected: "oauth-refresh-rejected", indeterminate: "refresh-indeterminate", paused: "oauth-unavailable" } as const;

export interface RefreshQuestion {
  readonly id: string;
  readonly provider: string;
  /** What the journal says of the token. */
  readonly entry: JournalEntry | undefined;
  /** Names the tokens that are in the store now. */
  readonly mark: string;
  readonly now: number;
}

/** Judges by the journal. An entry about other tokens than the present ones says nothing: somebody has logged in since. */
export function judgeRefresh({ id, provider, entry, mark, now }: RefreshQuestion): RefreshVerdict {
  if (entry === undefined || entry.mark !== mark) return { kind: "send" };
  const { state, startedAt, pausedUntil = 0, isDenied = false } = entry;
  const refuse = (state: RefusedState, why: string, hint: string, code: AuthProfileError["code"] = codes[state]): RefreshVerdict => ({
    kind: "refuse",
    state,
    error: new AuthProfileError(code, `The login of profile "${id}" was not refreshed: ${why}`, {
      profileId: id,
      hint,
      ...(state === "paused" && { retryAt: pausedUntil }),
    }),
  });
  const login = loginCommand(provider);
  if (state === "rejected") return refuse("rejected", `${provider} has said that its refresh token is dead`, login);
  if (state === "received") {
    return refuse("indeterminate", "its refresh token is spent, and what was got for it is not stored", login);
  }
  const isInWindow = now >= startedAt && now - startedAt <= RETRY_WINDOW_MS;
  if (state === "retried" || state === "lost" || (state === "sent" && !isInWindow)) {
    return refuse("indeterminate", "its refresh token was sent before and the answer was lost, so it may be spent", login);
  }
  if (now < pausedUntil && pausedUntil - now <= LONGEST_PAUSE_MS) {
    if (!isDenied) return refuse("paused", `${provider} failed to do so a moment ago`, "try again later");
    return refuse("paused", `${provider} refused to do so`, `check models.providers.${provider}.oauth, or: ${login}`, "oauth-denied");
  }
  return state === "sent" ? { kind: "retry", startedAt } : { kind: "send" };
}

/** Whether the sending a note tells of may not have ended yet: only who holds the lock knows. */
export function mayBeUnderWay({ state, startedAt, pausedUntil }: JournalEntry, now: number): boolean {
  const isOpen = (state === "sent" && pausedUntil === undefined) || state === "retried" || state === "received";
  return isOpen && now >= startedAt && now - startedAt <= LONGEST_REFRESH_MS;
}

/** A request that a provider could not or would not serve. */
export interface Refusal {
  readonly now: number;
  /** How often in a row it failed before. */
  readonly failures: number;
  readonly isDenied: boolean;
  /** When the provider wants to be asked again, if it said so. */
  readonly retryAt: number | undefined;
  /** Between 0 and 1. */
  readonly random: number;
}

/** What is noted of it: above all, when the provider may be asked again. */
export function pauseAfter(refusal: Refusal): Required<Pick<JournalEntry, "pausedUntil" | "failures" | "isDenied">> {
  const { now, isDenied, retryAt = 0, random } = refusal;
  const failures = Math.max(refusal.failures, 0) + 1;
  const doubled = (isDenied ? DENIED_PAUSE_MS : PAUSE_MS) * 2 ** (failures - 1);
  const pauseMs = Math.min(doubled, LONGEST_PAUSE_MS) * (1 - JITTER * random);
  return { pausedUntil: Math.min(Math.max(retryAt, now + pauseMs), now + LONGEST_PAUSE_MS), failures, isDenied };
}
