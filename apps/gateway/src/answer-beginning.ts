import type { IncomingHttpHeaders } from "node:http";
import { createFirstEventReader, createJsonBeginning, type FirstEvent, type JsonBeginning } from "@openclaw/providers";
import { isEventStream } from "./answer-redaction.ts";
import { codingsOf } from "./unpack-body.ts";

/** Watches the beginning of an answer, which is held back, for what the answer is. */
export interface AnswerBeginning {
  /** Takes the next bytes. Whether enough is here to tell. */
  push(chunk: Buffer): boolean;
  /** What is said by an error that came with a good status: the data of an event, or all of `held` where a JSON body is one. */
  softError(held: () => Buffer): string | undefined;
  /** Whether that was all of it, and says nothing at all. */
  isEmpty(held: () => Buffer): boolean;
}

/** The head of an answer, and what is known of who gives it. */
export interface AnswerHead {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Whether a JSON body is an error, where that stands in the middle of it. Small ones are then held as a whole. */
  readonly isHiddenError: ((body: string) => boolean) | undefined;
}

/** The beginning of an answer that is watched for: a stream's first event, the first bytes of JSON, of the rest that there are any. */
export function beginningOf({ status, headers, isHiddenError }: AnswerHead): AnswerBeginning {
  if (status >= 400) return errorBeginning;
  if (isEventStream(headers)) return eventBeginning();
  return isJson(headers) ? jsonBeginning(createJsonBeginning(headers["content-length"], isHiddenError)) : plainBeginning();
}

const errorBeginning: AnswerBeginning = { push: () => false, softError: () => undefined, isEmpty: () => false };

function eventBeginning(): AnswerBeginning {
  const reader = createFirstEventReader();
  let first: FirstEvent | undefined;
  return {
    push(chunk) {
      first = reader.push(chunk);
      return first !== undefined;
    },
    softError: () => (first?.kind === "error" ? first.data : undefined),
    // Comments alone are what keeps a connection open.
    isEmpty: (held) => first === undefined && /^(?::.*|\s)*$/u.test(held().toString("latin1")),
  };
}

function jsonBeginning({ push, isError, isEmpty }: JsonBeginning): AnswerBeginning {
  return {
    push,
    softError(held) {
      const text = () => held().toString("utf8");
      return isError(text) ? text() : undefined;
    },
    isEmpty,
  };
}

function plainBeginning(): AnswerBeginning {
  let isBlank = true;
  return {
    push(chunk) {
      isBlank &&= chunk.toString("latin1").trim() === "";
      return !isBlank;
    },
    softError: () => undefined,
    isEmpty: () => isBlank,
  };
}

function isJson(headers: IncomingHttpHeaders): boolean {
  // A header sent twice is a list at run time.
  const type = String(headers["content-type"] ?? "")
    .trimStart()
    .toLowerCase();
  return /^application\/(?:[\w.+-]{1,64}\+)?json(?:$|[\s;])/u.test(type) && codingsOf(headers).length === 0;
}
