import type { ModelRef } from "@openclaw/providers";

/** Who sends a request, by the token it shows. What it may do follows from that alone, never from what it says of itself. */
export interface Caller {
  /** Tells its token from others, and is not the token; sessions go by it. */
  readonly id: string;
  /** `admin`, or what `gateway.clients` calls it. */
  readonly name: string;
  /** Whether it may see the names of profiles, and change things. */
  readonly isAdmin: boolean;
  /** Whether it may read what everybody's use adds up to; who is admin may. */
  readonly mayReadMetrics?: boolean;
  readonly allowsModel: (model: ModelRef) => boolean;
  readonly allowsProfile: (profileId: string) => boolean;
  /** Whether it may use the accounts of an agent. */
  readonly allowsAgent: (agentId: string) => boolean;
}

/** Who shows the gateway's own token. It may do everything. */
export function adminCaller(id: string): Caller {
  return { id, name: "admin", isAdmin: true, allowsModel: () => true, allowsProfile: () => true, allowsAgent: () => true };
}
