import { AuthProfileError } from "../errors.ts";
import { loginCommand } from "./login-command.ts";
import type { JournalEntry } from "./refresh-journal.ts";
import type { RefreshState } from "./refresh-state.ts";

/** How long after it was first sent a refresh token whose answer was lost may be sent once more: servers forgive for 5 to 60 s. */
export const RETRY_WINDOW_MS: number = 30_000;
/** A provider that could not serve is left alone so long where it does not say for how long. */
const PAUSE_MS = 5_000;
/** It is not believed for longer; nor is a clock that was set back. */
const LONGEST_PAUSE_MS = 15 * 60_000;

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
  /** What the journal says of the account. */
  readonly entry: JournalEntry | undefined;
  /** Names the tokens that are in the store now. */
  readonly mark: string;
  readonly now: number;
}

/** Judges by the journal. An entry about other tokens than the present ones says nothing: somebody has logged in since. */
export function judgeRefresh({ id, provider, entry, mark, now }: RefreshQuestion): RefreshVerdict {
  if (entry === undefined || entry.mark !== mark) return { kind: "send" };
  const { state, startedAt, pausedUntil = 0 } = entry;
  const refuse = (state: RefusedState, why: string, hint: string, retryAt?: number): RefreshVerdict => ({
    kind: "refuse",
    state,
    error: new AuthProfileError(codes[state], `The login of profile "${id}" was not refreshed: ${why}`, {
      profileId: id,
      hint,
      ...(retryAt !== undefined && { retryAt }),
    }),
  });
  const login = loginCommand(provider);
  if (state === "rejected") return refuse("rejected", `${provider} has said that its refresh token is dead`, login);
  const isInWindow = now >= startedAt && now - startedAt <= RETRY_WINDOW_MS;
  if (state === "retried" || state === "lost" || (state === "sent" && !isInWindow)) {
    return refuse("indeterminate", "its refresh token was sent before and the answer was lost, so it may be spent", login);
  }
  if (now < pausedUntil && pausedUntil - now <= LONGEST_PAUSE_MS) {
    return refuse("paused", `${provider} failed to do so a moment ago`, "try again later", pausedUntil);
  }
  return state === "sent" ? { kind: "retry", startedAt } : { kind: "send" };
}

/** When a provider that could not serve may be asked again. */
export function pauseUntil(now: number, retryAt: number | undefined): number {
  return Math.min(Math.max(retryAt ?? 0, now + PAUSE_MS), now + LONGEST_PAUSE_MS);
}
