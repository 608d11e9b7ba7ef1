import type { ModelRef } from "@openclaw/providers";

/** What the requests of a session are answered by, because somebody said so. */
export interface SessionPin {
  readonly model: ModelRef;
  /** Of that provider. */
  readonly profileId?: string | undefined;
}

/** A session the gateway knows: it was seen, or it is pinned. */
export interface Session {
  /** A hash that says nothing of the key a client sends. */
  readonly id: string;
  readonly agentId: string;
  /** What the client is called whose session it is: `admin`, or its name in `gateway.clients`. */
  readonly client: string;
  /** When its last request came; not since the gateway began where it is undefined. */
  readonly seenAt: number | undefined;
  readonly pin: SessionPin | undefined;
  readonly pinnedAt: number | undefined;
}

/** Whether two pins are the same, or both none. */
export function isSamePin(left: SessionPin | undefined, right: SessionPin | undefined): boolean {
  return left?.model.provider === right?.model.provider && left?.model.model === right?.model.model && left?.profileId === right?.profileId;
}
