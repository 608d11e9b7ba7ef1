import type { ReloadReport } from "@openclaw/secrets";
import { z } from "zod";
import type { GatewayContext } from "../context.ts";
import { GatewayError, isOwnError } from "../errors.ts";

/** A reload, as it is told. */
export interface ReloadView {
  readonly ok: boolean;
  readonly error?: { readonly code: string; readonly message: string } | undefined;
  readonly outcome: "swapped" | "kept";
  readonly generation: number;
  readonly changed: readonly string[];
  readonly failures: readonly ReloadFailureView[];
  readonly warningCount: number;
  readonly diagnostics: readonly { readonly code: string; readonly path?: string | undefined; readonly message: string }[];
}

/** A reference that did not resolve. */
interface ReloadFailureView {
  readonly path: string;
  readonly owner: string;
  readonly ref: string;
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
}

export const reloadSchema: z.ZodType<ReloadView> = z
  .object({
    ok: z.boolean(),
    error: z.object({ code: z.string(), message: z.string() }).optional().describe("Why what was there stays"),
    outcome: z.enum(["swapped", "kept"]),
    generation: z.int().describe("Of the secrets in use, from 1 on"),
    changed: z.array(z.string()).readonly().describe("Places whose secret is another, has come or has gone"),
    failures: z
      .array(
        z.object({
          path: z.string(),
          owner: z.string(),
          ref: z.string(),
          code: z.string(),
          message: z.string(),
          hint: z.string().optional(),
        }),
      )
      .readonly(),
    warningCount: z.int(),
    diagnostics: z.array(z.object({ code: z.string(), path: z.string().optional(), message: z.string() })).readonly(),
  })
  .meta({ id: "Reload" });

/** 503 where the last known good stays. */
export const reloadStatus = { of: ({ ok }: Pick<ReloadView, "ok">): number => (ok ? 200 : 503), others: [503] } as const;

/**
 * Reads everything again.
 *
 * @throws {GatewayError} `reload-failed` when a file is broken: what was in use stays, and the operator is told what to mend.
 */
export async function reloadAll(context: GatewayContext, signal: AbortSignal): Promise<ReloadView> {
  return reloadView(await context.reload(signal).catch(refuse));
}

function refuse(error: unknown): never {
  if (!isOwnError(error)) throw error;
  throw new GatewayError("reload-failed", `Nothing was reloaded, what was in use stays: ${error.message}`, {
    cause: error,
    ...(error.hint !== undefined && { hint: error.hint }),
  });
}

/** Names places and references, never a value. */
function reloadView({ outcome, generation, changed, failures, diagnostics }: ReloadReport): ReloadView {
  const isKept = outcome === "kept";
  const error = { code: "secrets-kept", message: "Not every reference resolved: the last known good secrets stay in use" };
  return {
    ok: !isKept,
    ...(isKept && { error }),
    outcome,
    generation,
    changed,
    failures: failures.map(({ path, owner, ref, code, error: { message, hint } }) => ({
      path,
      owner,
      ref,
      code,
      message,
      ...(hint !== undefined && { hint }),
    })),
    warningCount: diagnostics.length,
    diagnostics,
  };
}
