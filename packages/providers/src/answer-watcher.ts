import type { BodyKind } from "./clean-answer.ts";
import { createFirstEventReader, type FirstEvent } from "./first-event.ts";
import { createJsonBeginning, type JsonBeginning } from "./json-beginning.ts";

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

const noError = { isError: false, hasStatus: true };

/** What to watch an answer for, by its head. `isHiddenError` where the provider says in the middle of a body that it is one. */
export function watcherFor(status: number, headers: Headers, isHiddenError?: (body: string) => boolean): AnswerWatcher {
  if (status >= 400) return errorWatcher;
  const type = headers.get("content-type")?.trimStart().toLowerCase() ?? "";
  if (type.startsWith("text/event-stream")) return eventWatcher();
  return /^application\/(?:[\w.+-]{1,64}\+)?json(?:$|[\s;])/.test(type)
    ? jsonWatcher(createJsonBeginning(headers.get("content-length") ?? undefined, isHiddenError))
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

/** All of a body that is an error is read. */
function jsonWatcher({ push, isError }: JsonBeginning): AnswerWatcher {
  return {
    isEnough: push,
    judge(bytes) {
      const text = () => bytes?.toString("utf8") ?? "";
      return bytes && isError(text) ? { kind: "error", isError: true, hasStatus: true, text: text() } : { kind: "other", ...noError };
    },
  };
}
