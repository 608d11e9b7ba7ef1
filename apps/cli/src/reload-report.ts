import { z } from "zod";

/** A reference that did not resolve, as the gateway tells it. */
export interface ReloadFailure {
  readonly path: string;
  readonly ref: string;
  readonly code: string;
  readonly message: string;
  /** What to type or change. */
  readonly hint?: string | undefined;
}

/** What `POST /api/v1/secrets/reload` answers; members this version does not know are kept. */
export interface GatewayReloadReport {
  readonly ok: boolean;
  readonly outcome: "swapped" | "kept";
  readonly generation: number;
  /** Paths whose value is another, has come or has gone. */
  readonly changed: readonly string[];
  readonly failures: readonly ReloadFailure[];
  readonly warningCount: number;
  readonly diagnostics: readonly { readonly code: string; readonly message: string; readonly path?: string | undefined }[];
}

const failureSchema = z.looseObject({
  path: z.string(),
  ref: z.string(),
  code: z.string(),
  message: z.string(),
  hint: z.string().optional(),
});

const reportSchema: z.ZodType<GatewayReloadReport> = z.looseObject({
  ok: z.boolean(),
  outcome: z.enum(["swapped", "kept"]),
  generation: z.int(),
  changed: z.array(z.string()),
  failures: z.array(failureSchema),
  warningCount: z.int(),
  diagnostics: z.array(z.looseObject({ code: z.string(), message: z.string(), path: z.string().optional() })),
});

const errorSchema = z.object({ error: z.object({ message: z.string(), hint: z.string().optional() }) });

/** The report in an answer of the gateway; `undefined` where there is none. */
export function readReloadReport(body: unknown): GatewayReloadReport | undefined {
  return reportSchema.safeParse(body).data;
}

/** What an answer gives as the reason for a refusal. */
export function readGatewayMessage(body: unknown): string | undefined {
  const { message, hint } = errorSchema.safeParse(body).data?.error ?? {};
  return message !== undefined && hint !== undefined ? `${message} (${hint})` : message;
}
