import type { IncomingMessage, ServerResponse } from "node:http";
import type { FailureClass } from "@openclaw/key-rotation";
import type { BillingClass } from "@openclaw/secrets";
import type { Caller } from "./caller.ts";

/** One request while it is answered. */
export interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** What its path has in the places of the route's parameters, decoded. */
  readonly params: Readonly<Record<string, string>>;
  /** Nobody, where a route answers anyone and no valid token was shown. */
  readonly caller: Caller | undefined;
  /** What is told of it once it is over. */
  readonly record: CallRecord;
}

/** A call of a route that wants a token. */
export interface ClientCall extends Call {
  readonly caller: Caller;
}

/** What is known of a request, filled in on its way. */
export interface CallRecord {
  /** Of the answer's `x-openclaw-request-id`, and of everything the log says of this request. */
  readonly id: string;
  /** What the client calls it in `x-request-id`, where that is fit to be told. */
  readonly clientRequestId?: string | undefined;
  readonly startedAt: number;
  /** As the route is written, never as the path was sent. */
  route: string;
  client?: string | undefined;
  /** `provider/model` that answered. */
  model?: string | undefined;
  /** How many credentials were asked. */
  attempts?: number | undefined;
  /** The fingerprint of the one that answered. */
  credential?: string | undefined;
  credentialClass?: BillingClass | undefined;
  /** Where that is from. May name a profile: for the operator alone. */
  origin?: string | undefined;
  /** What the provider that was asked last calls it. */
  upstreamRequestId?: string | undefined;
  /** What is wrong with the answer that was handed on, an error event behind its content included. */
  failure?: FailureClass | undefined;
  /** When the head of a provider's answer went out, on the clock of `startedAt`. */
  firstByteAt?: number | undefined;
}
