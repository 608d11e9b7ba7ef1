import type { IncomingMessage, ServerResponse } from "node:http";
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
  /** Of the answer's `x-request-id`, and of everything the log says of this request. */
  readonly id: string;
  readonly startedAt: number;
  /** As the route is written, never as the path was sent. */
  route: string;
  client?: string | undefined;
  /** `provider/model` that answered. */
  model?: string;
  /** How many credentials were asked. */
  attempts?: number;
  /** The fingerprint of the one that answered. */
  credential?: string;
  credentialClass?: BillingClass;
}
