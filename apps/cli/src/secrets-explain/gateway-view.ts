import type { HomeSnapshot } from "@openclaw/home";
import { z } from "zod";
import { askRunningGateway } from "../running-gateway.ts";
import type { GatewaySurfaceView, GatewayView, SurfaceView } from "./explanation.ts";

/** How long the gateway may take. Explaining goes on without it. */
const ANSWER_WITHIN_MS = 500;

/** How a place stands in the running gateway, as it tells it. */
export interface GatewaySurface {
  readonly path: string;
  readonly status: string;
  readonly ref?: string | undefined;
  /** Of its value, under the salt of the home. */
  readonly fingerprint?: string | undefined;
  readonly resolvedAt?: number | undefined;
  readonly expiresAt?: number | undefined;
  readonly code?: string | undefined;
  readonly message?: string | undefined;
}

const surfaceSchema: z.ZodType<GatewaySurface> = z.object({
  path: z.string(),
  status: z.string(),
  ref: z.string().optional(),
  fingerprint: z.string().optional(),
  resolvedAt: z.number().optional(),
  expiresAt: z.number().optional(),
  code: z.string().optional(),
  message: z.string().optional(),
});

const answerSchema = z.object({ generation: z.int(), surfaces: z.array(surfaceSchema) });

/** The running gateway, and how its references stand. */
export interface AskedGateway {
  readonly view: GatewayView;
  /** By path. */
  readonly surfaces: ReadonlyMap<string, GatewaySurface>;
}

/** Asks the gateway of this machine. Whatever is in the way is told, and stops nothing; no command is run for its token unless that is allowed. */
export async function askGateway(home: HomeSnapshot, allowExec: boolean): Promise<AskedGateway> {
  const without = (view: GatewayView): AskedGateway => ({ view, surfaces: new Map() });
  const question = { method: "GET", path: "/api/v1/secrets", timeoutMs: ANSWER_WITHIN_MS } as const;
  const reply = await askRunningGateway(home, question, allowExec ? "allow-exec" : "no-exec");
  if (reply.kind !== "answered") {
    const { kind: status, ...rest } = reply;
    return without({ status, ...rest });
  }
  const { url } = reply;
  const answer = answerSchema.safeParse(reply.body).data;
  if (!answer) return without({ status: "unknown", url, reason: `It answered with HTTP ${reply.status} and no state of secrets` });
  return {
    view: { status: "running", url, generation: answer.generation },
    surfaces: new Map(answer.surfaces.map((surface) => [surface.path, surface])),
  };
}

/** A place in the running gateway, and how that differs from here. */
export function gatewaySurface(local: SurfaceView, remote: GatewaySurface | undefined, now: number): GatewaySurfaceView | undefined {
  if (local.ref === undefined && remote === undefined) return undefined;
  const note = difference(local, remote);
  if (!remote) return { status: "unknown", ...(note !== undefined && { note }) };
  const { status, resolvedAt, expiresAt, code, message } = remote;
  return {
    status,
    ...(resolvedAt !== undefined && { resolvedAt, ageMs: Math.max(0, now - resolvedAt) }),
    ...(expiresAt !== undefined && { expiresAt }),
    ...(code !== undefined && { code }),
    ...(message !== undefined && { message }),
    ...(note !== undefined && { note }),
  };
}

const RELOAD = "openclaw secrets reload lets it read again";

function difference({ state, ref, value }: SurfaceView, remote: GatewaySurface | undefined): string | undefined {
  if (!remote) return state === "inactive" ? undefined : `the running gateway does not know this reference yet: ${RELOAD}`;
  if (ref === undefined) return `the running gateway still uses ${remote.ref ?? "a reference"} here: ${RELOAD}`;
  if (remote.ref !== undefined && remote.ref !== ref) return `the running gateway still uses ${remote.ref}: ${RELOAD}`;
  const isLiveThere = remote.status === "live" || remote.status === "stale";
  if (state === "live" && remote.status === "cold")
    return "resolves here, but not in the running gateway, which has an environment of its own";
  if (state === "live" && remote.status === "stale")
    return `resolves here; the running gateway could not, and uses its last value: ${RELOAD}`;
  const isOther = value !== undefined && remote.fingerprint !== undefined && !value.endsWith(remote.fingerprint);
  if (isLiveThere && isOther) return `the running gateway still uses another value, ${remote.fingerprint}: ${RELOAD}`;
  if (state === "cold" && isLiveThere) return "resolves in the running gateway, but not here";
  return undefined;
}
