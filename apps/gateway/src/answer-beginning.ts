import type { IncomingHttpHeaders } from "node:http";
import { createFirstEventReader, type FirstEvent } from "@openclaw/providers";
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

/** Bodies that are held as a whole are smaller than this. */
const SMALL_BYTES = 64 * 1024;

/** The beginning of an answer that is watched for: a stream's first event, the first bytes of JSON, of the rest that there are any. */
export function beginningOf({ status, headers, isHiddenError }: AnswerHead): AnswerBeginning {
  if (status >= 400) return errorBeginning;
  if (isEventStream(headers)) return eventBeginning();
  return isJson(headers) ? jsonBeginning(isSmall(headers) ? isHiddenError : undefined) : plainBeginning();
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

/** An error object at the beginning of a JSON body, in a list or not. */
const errorObject = /^\[?\s{0,32}\{\s{0,32}"(?:error"\s{0,8}:\s{0,8}[^n\s]|type"\s{0,8}:\s{0,8}"error")/u;

/** No more than this, behind any blank lines, is needed to tell. */
const TELLING_BYTES = 128;

function jsonBeginning(isHiddenError: AnswerHead["isHiddenError"]): AnswerBeginning {
  let text = "";
  return {
    push(chunk) {
      if (text.length < TELLING_BYTES) text = (text + chunk.toString("latin1", 0, SMALL_BYTES)).trimStart().slice(0, TELLING_BYTES);
      return !isHiddenError && text.length >= TELLING_BYTES && !errorObject.test(text);
    },
    softError(held) {
      if (errorObject.test(text)) return held().toString("utf8");
      const body = isHiddenError && held().toString("utf8");
      return body !== undefined && isHiddenError?.(body) === true ? body : undefined;
    },
    isEmpty: () => text === "",
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

function isSmall(headers: IncomingHttpHeaders): boolean {
  return Number(headers["content-length"] ?? Infinity) < SMALL_BYTES;
}
