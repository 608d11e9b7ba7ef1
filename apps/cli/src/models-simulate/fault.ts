import type { Failure, FailureClass } from "@openclaw/key-rotation";
import { classifyFailure, type Outcome, type ProviderSpec } from "@openclaw/providers";
import { nearest } from "@openclaw/home";
import { CliError } from "../exit.ts";
import { parseTimeSpan } from "./time-span.ts";

/** How a provider fails: what it answers, and when it says to come back. */
export interface Fault {
  /** As it was typed. */
  readonly text: string;
  /** `undefined` where the request times out. */
  readonly status: number | undefined;
  readonly body: string;
  /** `Retry-After` of its answer. */
  readonly hintMs: number | undefined;
}

interface Answer {
  readonly status: number | undefined;
  readonly message?: string;
}

/** An answer that is judged to be of the class, as providers give it. */
const answerOf: Readonly<Record<FailureClass, Answer>> = {
  rate_limit: { status: 429 },
  billing: { status: 402, message: "payment required" },
  auth: { status: 401 },
  auth_permanent: { status: 401, message: "api key revoked" },
  overloaded: { status: 529 },
  timeout: { status: undefined },
  format: { status: 400 },
  model_not_found: { status: 404, message: "model not found" },
  context_overflow: { status: 400, message: "prompt is too long: context length exceeded" },
  session_expired: { status: 410, message: "session expired" },
  server: { status: 500 },
  unknown: { status: 418 },
};

/** The classes of failure there are. */
export const failureClasses: readonly FailureClass[] = Object.keys(answerOf).filter(isClass);

/**
 * Reads a status, `timeout` or a class of failures, with a hint or without: `429`, `billing`, `429@5m`.
 *
 * @throws {CliError} for anything else.
 */
export function parseFault(text: string): Fault {
  const [what = "", hint, ...rest] = text.split("@");
  const name = what.trim().toLowerCase();
  const answer = /^[45]\d\d$/u.test(name) ? { status: Number(name) } : isClass(name) ? answerOf[name] : undefined;
  if (!answer || rest.length > 0) {
    const near = nearest(name, failureClasses);
    const known = `a status from 400 to 599, timeout, or one of ${failureClasses.join(", ")}`;
    throw new CliError(
      `${JSON.stringify(text)} is no failure.`,
      near.length > 0 && rest.length === 0 ? `did you mean ${near.join(", ")}?` : known,
    );
  }
  const fault = { text, status: answer.status, body: bodyOf(answer), hintMs: undefined };
  if (hint === undefined) return fault;
  const hintMs = hintOf(text, hint);
  const failure = failureOf(fault, undefined, 0);
  // What else opens a window has a length of its own.
  if ((failure.window ?? failure.class) === "rate_limit") return { ...fault, hintMs };
  throw new CliError(`--fail ...=${text}: nobody heeds when to come back after that.`, "a rate limit has a hint, such as 429@30s");
}

/** What is made of it, judged as a real answer would be. */
export function failureOf({ status, body, hintMs }: Fault, spec: ProviderSpec | undefined, now: number): Failure {
  const header = (name: string) => (name.toLowerCase() === "retry-after-ms" && hintMs !== undefined ? String(hintMs) : undefined);
  const outcome: Outcome = status === undefined ? { header, error: timedOut() } : { header, status, errorText: body };
  return classifyFailure(outcome, spec, now) ?? { class: "unknown", scope: "model", rule: "no-rule" };
}

/** A failure of a class, for whoever wants to know what would follow it. */
export function exampleOf(failureClass: FailureClass, spec: ProviderSpec | undefined, now: number): Failure {
  const answer = answerOf[failureClass];
  return failureOf({ text: failureClass, status: answer.status, body: bodyOf(answer), hintMs: undefined }, spec, now);
}

function hintOf(text: string, hint: string): number {
  if (hint.trim() === "") throw new CliError(`--fail ...=${text}: a length of time is expected behind the @.`, "for example 429@30s");
  const hintMs = parseTimeSpan(hint, `--fail ...=${text.slice(0, text.indexOf("@") + 1)}`);
  if (hintMs > 0) return hintMs;
  throw new CliError(`${JSON.stringify(text)}: nobody says to come back after no time.`, "for example 429@30s");
}

function bodyOf({ status, message = `simulated ${status}` }: Answer): string {
  return status === undefined ? "" : JSON.stringify({ error: { message } });
}

function timedOut(): Error {
  return Object.assign(new Error("the request timed out"), { code: "ETIMEDOUT" });
}

function isClass(text: string): text is FailureClass {
  return Object.hasOwn(answerOf, text);
}
