import type { ExpiryEvent } from "@openclaw/auth-profiles";
import type { Home, ProfileChanges } from "@openclaw/home";
import type { Health, RotationEvent } from "@openclaw/key-rotation";
import type { Candidate, Clock, ReloadReport } from "@openclaw/secrets";
import type { BillingCrossed, BillingCrossings } from "./billing-crossings.ts";
import type { CallRecord } from "./call.ts";
import type { ChangedSettings } from "./changed-settings.ts";
import type { CooldownsKept, CooldownsNotKept, KeptCooldowns } from "./keep-cooldowns.ts";
import type { EntranceEvent } from "./keep-entrance.ts";
import type { LoginEvent } from "./keep-logins.ts";
import type { GatewayLimits } from "./limits.ts";
import type { KnownSecrets } from "./known-secrets.ts";
import type { EventLog } from "./event-log.ts";
import type { Metrics } from "./metrics.ts";
import type { Readiness } from "./readiness.ts";
import type { Reload, Reloader } from "./reload.ts";
import type { SessionsKept, SessionsNotKept } from "./sessions/keep-sessions.ts";
import type { Sessions } from "./sessions/sessions.ts";
import type { FallbackSkipped, SkippedFallbacks } from "./skipped-fallbacks.ts";
import type { UpstreamPools } from "./upstream-pools.ts";

/** What serves, and since when. */
interface ProgramFacts {
  readonly version: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
}

/** What every request handler is given. */
export interface GatewayContext {
  readonly home: Home;
  readonly health: Health;
  readonly pools: UpstreamPools;
  readonly secrets: KnownSecrets;
  readonly clock: Clock;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly sessions: Sessions;
  /** What was told of who pays. */
  readonly billing: BillingCrossings;
  /** What was told of fallbacks that cannot be asked. */
  readonly skipped: SkippedFallbacks;
  /** Reads everything again; when something is broken, what was there stays. */
  readonly reload: Reload;
  /** Reads the stores of accounts again. */
  readonly reloadAccounts: Reloader["reloadAccounts"];
  readonly cooldowns: Pick<KeptCooldowns, "flush">;
  /** What happened lately, for those who look. */
  readonly events: EventLog;
  readonly program: ProgramFacts;
  /** How much is taken on at once. */
  readonly limits: GatewayLimits;
  /** Whether it ends, and may have closed a connection itself. */
  readonly isClosing: () => boolean;
  /** What there is to see of it, for `/metrics`. */
  readonly metrics: Metrics;
  /** Whether it can serve, for `/readyz`. */
  readonly readiness: Readiness;
  readonly onEvent: (event: GatewayEvent) => void;
}

/** A request is over, however it ended. */
export interface RequestEnded extends Omit<CallRecord, "startedAt" | "firstByteAt"> {
  readonly type: "request";
  readonly method: string;
  /** 0 where the client left before there was one. */
  readonly status: number;
  readonly durationMs: number;
  /** Until the head of a provider's answer went out. */
  readonly firstByteMs?: number | undefined;
}

/** Which request something happened to. */
interface OfRequest {
  readonly requestId?: string;
}

/** A request the gateway answered with an error of its own. */
interface Refused extends OfRequest {
  readonly type: "refused";
  readonly status: number;
  readonly code: string;
  readonly message: string;
  /** Whose request it was, where a valid token was shown. */
  readonly client?: string;
}

/** What an operator changes over the admin API, by the id of the operation. */
type AdminChange = "clearHealth" | "setOrder" | "clearOrder" | "pinSession" | "clearSession";

/** What an operator may want to see happen. Holds no secret. */
export type GatewayEvent =
  | (RotationEvent & OfRequest)
  | RequestEnded
  | BillingCrossed
  /** It is really asked. */
  | ({ readonly type: "fallback"; readonly from: string; readonly to: string; readonly reason: string } & OfRequest)
  | FallbackSkipped
  /** A provider broke off in the middle of an answer, and so did the answer to the client. */
  | ({ readonly type: "answer-cut"; readonly model: string; readonly candidate: Candidate } & OfRequest)
  /** A client left before its answer was whole. */
  | ({ readonly type: "client-gone"; readonly model: string } & OfRequest)
  | Refused
  | LoginEvent
  | EntranceEvent
  /** An account begins or ceases to work. */
  | { readonly type: "account-state"; readonly event: ExpiryEvent }
  /** Somebody with the gateway's own token changed something over the admin API; `what` says it in words. */
  | { readonly type: "admin-change"; readonly operation: AdminChange; readonly by: "admin"; readonly what: string }
  /** Somebody changed the stores, and the next request goes by that. */
  | ({ readonly type: "accounts" } & ProfileChanges)
  /** The files of the home changed and could not be taken over. What was there stays. */
  | { readonly type: "reload-failed"; readonly message: string; readonly hint?: string }
  | CooldownsNotKept
  | CooldownsKept
  | SessionsNotKept
  | SessionsKept
  /** They could be read again, and are in effect. */
  | { readonly type: "reload-recovered" }
  /** The references were resolved again, with what was read anew. */
  | ({
      readonly type: "secrets";
      readonly read: "home" | "accounts" | "references";
      readonly report: ReloadReport;
    } & ChangedSettings)
  /** A bug of ours, or something nobody foresaw. The client is told no more than that. */
  | ({ readonly type: "internal"; readonly error: Error } & OfRequest);
