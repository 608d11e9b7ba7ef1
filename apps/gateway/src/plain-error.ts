import type { IncomingHttpHeaders } from "node:http";
import type { Dialect } from "@openclaw/providers";
import { errorBody } from "./error-body.ts";
import { withoutBodyHeaders } from "./forwarded-headers.ts";
import { codingsOf, unpackBody } from "./unpack-body.ts";

/** An error that was compressed although nobody asked for it, made readable or replaced. */
export interface PlainError {
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** What the provider said, to be judged; empty where it cannot be read. */
  readonly text: string;
}

export interface CompressedError {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Nothing where it is not here as a whole. */
  readonly body: Buffer | undefined;
  readonly dialect: Dialect;
}

/**
 * Takes the codings off an error. What cannot be looked into may hold a key and is not passed on: an error of
 * our own takes its place, with the provider's status.
 */
export function plainError({ status, headers, body, dialect }: CompressedError): PlainError {
  const codings = codingsOf(headers);
  const plain = body && unpackBody(codings, body);
  if (plain) return { headers: withoutBodyHeaders(headers), body: plain, text: plain.toString("utf8") };
  const message = `The provider answered ${status} with a body the gateway cannot read (content-encoding: ${codings.join(", ")})`;
  return {
    headers: { ...withoutBodyHeaders(headers), "content-type": "application/json" },
    body: Buffer.from(errorBody(dialect, { status, code: "upstream-unreadable", message })),
    text: "",
  };
}
