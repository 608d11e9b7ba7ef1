import type { BodyKind } from "./clean-answer.ts";
import { createFirstEventReader, type FirstEvent } from "./first-event.ts";

/** Watches the beginning of a body for whether it is an error. */
export interface AnswerWatcher {
  /** Asked with each chunk; without it the head says enough. */
  readonly isEnough: ((chunk: Uint8Array) => boolean) | undefined;
  /** What the bytes that were read turn out to be. */
  judge(bytes: Buffer | undefined): AnswerVerdict;
}

interface AnswerVerdict {
  readonly kind: BodyKind;
  readonly isError: boolean;
  /** Whether the status counts: that of a stream which begins with an error event says nothing. */
  readonly hasStatus: boolean;
  /** What the error says. */
  readonly text?: string;
}

/** An error object at the beginning of a JSON body, in a list or not. */
const errorObject = /^\[?\s{0,32}\{\s{0,32}"(?:error"\s{0,8}:\s{0,8}[^n\s]|type"\s{0,8}:\s{0,8}"error")/;

/** No more than this, after any blank lines, is needed to tell. */
const JSON_BEGINNING = 128;

const noError = { isError: false, hasStatus: true };

/** What to watch an answer for, by its head. */
export function watcherFor(status: number, headers: Headers): AnswerWatcher {
  if (status >= 400) return errorWatcher;
  const type = headers.get("content-type")?.trimStart().toLowerCase() ?? "";
  if (type.startsWith("text/event-stream")) return eventWatcher();
  return /^application\/(?:[\w.+-]{1,64}\+)?json(?:$|[\s;])/.test(type)
    ? jsonWatcher()
    : { isEnough: undefined, judge: () => ({ kind: "other", ...noError }) };
}

const errorWatcher: AnswerWatcher = {
  isEnough: () => false,
  judge: (bytes) => ({ kind: "error", isError: true, hasStatus: true, ...(bytes && { text: bytes.toString("utf8") }) }),
};

function eventWatcher(): AnswerWatcher {
  const reader = createFirstEventReader();
  let first: FirstEvent | undefined;
  return {
    isEnough(chunk) {
      first = reader.push(chunk);
      return first !== undefined;
    },
    judge: () =>
      first?.kind === "error" ? { kind: "events", isError: true, hasStatus: false, text: first.data } : { kind: "events", ...noError },
  };
}

/** OpenRouter and others answer with status 200 and an error in the body. All of such a body is read. */
function jsonWatcher(): AnswerWatcher {
  let beginning = "";
  return {
    isEnough(chunk) {
      if (beginning.length < JSON_BEGINNING) {
        const text = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString("latin1");
        beginning = (beginning + text).trimStart().slice(0, JSON_BEGINNING);
      }
      return beginning.length >= JSON_BEGINNING && !errorObject.test(beginning);
    },
    judge: (bytes) =>
      bytes && errorObject.test(beginning)
        ? { kind: "error", isError: true, hasStatus: true, text: bytes.toString("utf8") }
        : { kind: "other", ...noError },
  };
}
