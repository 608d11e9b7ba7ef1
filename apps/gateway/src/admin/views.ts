import type { HealthStatus, RefreshState } from "@openclaw/auth-profiles";
import type { BillingClass } from "@openclaw/secrets";
import { z } from "zod";

// What several operations say. Times are epoch milliseconds.

/** Whose accounts; the default agent's unless given. */
export const agentQuery: z.ZodObject<{ agent: z.ZodOptional<z.ZodString> }, z.core.$strict> = z.strictObject({
  agent: z.string().min(1).max(200).optional().describe("Id of the agent; the default agent unless given"),
});

/** A window in which a credential is left alone. */
export interface WindowView {
  readonly model: string;
  readonly state: "cooling" | "disabled" | "half_open";
  readonly reason: string;
  readonly until: number;
  readonly remainingMs: number;
  readonly count: number;
}

export const windowSchema: z.ZodType<WindowView> = z
  .object({
    model: z.string().describe("The model it is for, * for all of them"),
    state: z
      .enum(["cooling", "disabled", "half_open"])
      .describe("disabled needs somebody to act; half_open: the time is over, and one request tries"),
    reason: z.string(),
    until: z.number().describe("Epoch milliseconds; in the past where it is half-open"),
    remainingMs: z.number(),
    count: z.number().describe("Windows in a row without a success between them"),
  })
  .meta({ id: "Window" });

/** A credential by name. */
export interface NamedView {
  readonly id: string;
  readonly fingerprint: string;
}

export const namedSchema: z.ZodType<NamedView> = z
  .object({
    id: z.string().describe("A profile id, or the fingerprint of a key"),
    fingerprint: z.string().describe("What clients and logs know it by"),
  })
  .meta({ id: "CredentialName" });

/** How a stored account is doing, in the words of `openclaw models status`. */
export interface AccountHealthView {
  readonly status: HealthStatus;
  readonly access: HealthStatus;
  readonly refresh: RefreshState;
  readonly isRefreshable: boolean;
  readonly reasonCode?: string | undefined;
  readonly expiresAt?: number | undefined;
  readonly remainingMs?: number | undefined;
  readonly hint?: string | undefined;
}

const verdict = z.enum(["ok", "static", "expiring", "expired", "missing"]);

const accountHealthSchema: z.ZodType<AccountHealthView> = z
  .object({
    status: verdict.describe("As openclaw models status says it"),
    access: verdict.describe("Of what is stored, whatever a refresh could do"),
    refresh: z.enum(["ready", "none", "paused", "indeterminate", "rejected"]),
    isRefreshable: z.boolean(),
    reasonCode: z.string().optional(),
    expiresAt: z.number().optional(),
    remainingMs: z.number().optional().describe("Negative once it has ended"),
    hint: z.string().optional(),
  })
  .meta({ id: "AccountHealth" });

/** A credential, and how it is. */
export interface CredentialView extends NamedView {
  readonly kind: "profile" | "key" | "bucket" | "none";
  readonly provider?: string | undefined;
  readonly origin?: string | undefined;
  readonly billing?: BillingClass | undefined;
  readonly agent?: string | undefined;
  readonly excluded?: string | undefined;
  readonly health?: AccountHealthView | undefined;
  readonly inFlight: number;
  readonly windows: readonly WindowView[];
}

export const credentialSchema: z.ZodType<CredentialView> = z
  .object({
    id: z.string().describe("A profile id, the fingerprint of a key, or bucket:<provider>:<name>"),
    fingerprint: z.string().describe("What clients and logs know it by"),
    kind: z.enum(["profile", "key", "bucket", "none"]).describe("bucket: a quota that several share; none: a server that wants no key"),
    provider: z.string().optional(),
    origin: z.string().optional().describe("Where it is: profile anthropic:work, OPENAI_API_KEYS[2]"),
    billing: z.enum(["metered", "subscription", "local"]).optional(),
    agent: z.string().optional().describe("In whose store it is"),
    excluded: z.string().optional().describe("Why no request is tried with it"),
    health: accountHealthSchema.optional(),
    inFlight: z.number().describe("Requests under way with it"),
    windows: z.array(windowSchema).readonly(),
  })
  .meta({ id: "Credential" });
