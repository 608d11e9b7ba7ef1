import type { IncomingHttpHeaders } from "node:http";
import { unusableCredential } from "@openclaw/home";
import type { Failure, Headroom } from "@openclaw/key-rotation";
import { classifyFailure, readHeadroom, type Endpoint, type HeaderReader } from "@openclaw/providers";
import { isEventStream } from "./answer-redaction.ts";
import { GatewayError, isOwnError, type GatewayErrorCode } from "./errors.ts";
import type { Upstream } from "./upstream.ts";

/** Judges the answers of one provider. Only errors are judged: what a model says is nothing to go by. */
export interface AnswerJudge {
  /** Of an answer of which nothing was handed on. */
  judge(upstream: Upstream): Failure | undefined;
  /** Of an error event that comes behind content. */
  judgeEvent(upstream: Upstream, data: string): Failure | undefined;
  /** Whether a JSON body with a good status is an error, for a provider that says so in the middle of it. */
  readonly isHiddenError: ((body: string) => boolean) | undefined;
  /** What an answer says is left. */
  measure(upstream: Upstream): readonly Headroom[];
}

export function createAnswerJudge({ spec }: Endpoint, now: () => number): AnswerJudge {
  const judgeEvent = ({ headers }: Upstream, errorText: string) =>
    classifyFailure({ header: headerReader(headers), errorText }, spec, now());
  return {
    judge(upstream) {
      const { status, errorText, headers } = upstream;
      if (status < 400 && errorText === undefined) return undefined;
      // The status of a stream says nothing of the error in it.
      if (status < 400 && errorText !== undefined && isEventStream(headers)) return judgeEvent(upstream, errorText);
      const said = errorText === undefined ? {} : { errorText };
      return classifyFailure({ status, header: headerReader(headers), ...said }, spec, now());
    },
    judgeEvent,
    isHiddenError: spec.hidesErrors && ((errorText) => classifyFailure({ status: 200, errorText }, spec, now()) !== undefined),
    measure: ({ headers }) => readHeadroom(headerReader(headers), now()),
  };
}

/** A good status without an answer is a provider's malfunction, like a 5xx: it says nothing of the credential. */
const noAnswers: Partial<Readonly<Record<GatewayErrorCode, Failure>>> = {
  "upstream-empty": { class: "server", scope: "provider", rule: "empty-answer" },
  "upstream-web-page": { class: "server", scope: "provider", rule: "web-page" },
};

/** Judges what was thrown in the place of an answer. `isOfCredential` where there was a plan: else the store is what is broken. */
export function judgeError(
  error: unknown,
  { isOfCredential, now }: { readonly isOfCredential: boolean; readonly now: number },
): Failure | undefined {
  const noAnswer = error instanceof GatewayError && noAnswers[error.code];
  if (noAnswer) return noAnswer;
  const code = isOfCredential ? codeOfCredential(error) : undefined;
  if (code !== undefined) return unusableCredential(code);
  // What the connection itself said is what is judged.
  const original = error instanceof GatewayError && error.cause !== undefined ? error.cause : error;
  return classifyFailure({ error: original }, undefined, now);
}

/** Why a credential could not be had, where that is what an error says. */
function codeOfCredential(error: unknown): string | undefined {
  return isOwnError(error) && (error.name === "AuthProfileError" || error.name === "SecretsError") ? error.code : undefined;
}

function headerReader(headers: IncomingHttpHeaders): HeaderReader {
  return (name) => {
    const value = headers[name];
    return typeof value === "object" ? value[0] : value;
  };
}
