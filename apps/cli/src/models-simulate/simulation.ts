import type { FailureClass, Strategy } from "@openclaw/key-rotation";
import type { BillingClass } from "@openclaw/secrets";
import type { ClientError } from "./ask-models.ts";

/** A credential, as a timeline names it. */
interface SimulatedCredential {
  readonly id: string;
  readonly origin: string;
  readonly billing: BillingClass;
}

/** A credential that was tried and failed. */
export interface SimulatedAttempt extends SimulatedCredential {
  /** `provider/model`. */
  readonly model: string;
  readonly class: FailureClass;
  readonly status?: number;
  /** Name of the rule that judged it. */
  readonly rule: string;
}

/** A time in which all requests went alike. */
export interface SimulatedInterval {
  /** Of the first and the last of its requests, epoch milliseconds. */
  readonly from: number;
  readonly until: number;
  readonly requests: number;
  /** What each request tried before, in this order. */
  readonly attempts: readonly SimulatedAttempt[];
  /** Who answered; several where a strategy spreads. */
  readonly served: readonly (SimulatedCredential & { readonly model: string; readonly requests: number; readonly isCrossing: boolean })[];
  /** What clients got instead of an answer; of the first of these requests. */
  readonly error?: ClientError;
  /** How long the first of these requests waited for a credential. */
  readonly waitedMs?: number;
}

/** A window that was there at the beginning, or that opened. */
export interface SimulatedWindow {
  /** Of a credential, or `bucket:<provider>:<name>`. */
  readonly id: string;
  /** Of a credential: `OPENAI_API_KEYS[2]`. */
  readonly origin?: string;
  /** `*` for all models. */
  readonly model: string;
  readonly reason: string;
  readonly count: number;
  readonly openedAt: number;
  /** Its end as it was set. */
  readonly until: number;
  /** When a success cleared it, or a longer one took its place. */
  readonly closedAt?: number;
  /** It was there at the beginning. */
  readonly isKept: boolean;
}

/** A change of credential within requests, or of model. */
export interface SimulatedMove {
  readonly from: string;
  readonly to: string;
  readonly class: FailureClass;
  readonly firstAt: number;
  readonly lastAt: number;
  readonly requests: number;
}

/** What `models auth simulate` prints as JSON. Fields are never removed; new ones may come. */
export interface Simulation {
  readonly version: 1;
  readonly asked: string;
  readonly agentId: string;
  readonly session: string | null;
  /** The model that was asked for, then its fallbacks. */
  readonly models: readonly string[];
  readonly strategy: Strategy;
  readonly from: number;
  /** Until when the faults last. */
  readonly faultsUntil: number;
  /** Of the last request. */
  readonly until: number;
  readonly everyMs: number;
  readonly faults: readonly {
    readonly target: string;
    readonly what: string;
    readonly class: FailureClass;
    /** Ids of those it hits. None: no request of these tries what was named. */
    readonly hits: readonly string[];
  }[];
  readonly intervals: readonly SimulatedInterval[];
  readonly windows: readonly SimulatedWindow[];
  readonly rotations: readonly SimulatedMove[];
  readonly fallbacks: readonly SimulatedMove[];
  readonly crossings: readonly {
    readonly id: string;
    readonly origin: string;
    readonly model: string;
    readonly firstAt: number;
    readonly lastAt: number;
    readonly requests: number;
  }[];
  /** Whom requests would ask first, did nothing cool; and when they did so again. */
  readonly preferred: {
    readonly credential: SimulatedCredential | null;
    /** First request that somebody else answered, or nobody. */
    readonly lostAt: number | null;
    /** First request that it answered again, after the last that it did not. `null` where it was not lost, or did not come back. */
    readonly backAt: number | null;
  };
  /** How many requests who paid for, and which share a credential that is paid per token answered, from 0 to 1. */
  readonly billing: Readonly<Record<BillingClass, number>> & { readonly failed: number; readonly meteredShare: number };
  readonly requests: number;
  /** It was given up: too many requests differed. */
  readonly isTruncated: boolean;
  readonly notes: readonly string[];
}
