import type { Gateway } from "@openclaw/gateway";
import type { Clock } from "@openclaw/secrets";
import type { Io } from "../io.ts";
import { renderError } from "../render/error.ts";
import { formatMoment } from "../render/span.ts";
import type { Notices } from "./notices.ts";

export interface HangupReloadOptions {
  readonly gateway: Pick<Gateway, "reload">;
  readonly notices: Pick<Notices, "reloading" | "reloaded">;
  readonly io: Pick<Io, "out" | "err">;
  readonly clock: Pick<Clock, "now">;
}

/**
 * What SIGHUP does: everything is read again, as by `secrets reload`. The log says what came of it: the gateway itself
 * what has changed, and this what is wrong. Where something is broken everything stays as it was.
 */
export async function reloadOnHangup({ gateway, notices, io, clock }: HangupReloadOptions): Promise<void> {
  notices.reloading();
  const at = clock.now();
  const when = formatMoment(at, at);
  try {
    const { outcome } = await gateway.reload();
    notices.reloaded(outcome === "kept" ? `Not reloaded at ${when}, goes on with what it had` : `Reloaded at ${when}`);
  } catch (error) {
    io.err(`SIGHUP: not reloaded, everything stays as it was.\n${renderError(error instanceof Error ? error : new Error("unknown"))}`);
    notices.reloaded(`Not reloaded at ${when}, goes on with what it had`);
  }
}
