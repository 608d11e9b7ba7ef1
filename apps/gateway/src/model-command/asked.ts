import type { GatewayContext } from "../context.ts";
import type { Session } from "../sessions/session-pin.ts";
import type { Chooser } from "./choices.ts";

/** A request that holds a command. */
export interface Asked extends Chooser {
  /** The model it names. */
  readonly name: string;
  /** None where it belongs to no session. */
  readonly session: Session | undefined;
  readonly context: Pick<GatewayContext, "sessions" | "health" | "clock">;
}
