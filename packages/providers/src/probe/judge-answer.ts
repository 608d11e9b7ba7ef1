import { classifyFailure } from "../classify.ts";
import type { Failure } from "@openclaw/key-rotation";
import type { ApiKind, ProviderSpec } from "../spec.ts";
import type { Answer } from "./ask.ts";
import { errorMessage, plainLine } from "./plain-line.ts";
import { statusOf, type ProbeResult } from "./probe-result.ts";
import { readAnswer } from "./read-answer.ts";

/** How an answer is judged. */
export interface JudgeContext {
  readonly spec: ProviderSpec;
  /** What was spoken. */
  readonly api: ApiKind;
  readonly now: number;
  /** What is said of an answer that did not end; given what it ended with. */
  readonly failed: (error: unknown) => ProbeResult;
}

/**
 * The result of an answer: by its status, which no body talks away, else by whether it is an answer at all. A success
 * without one is a front door, a captive portal or a wrong address, and proves nothing of the credential.
 */
export function judgeAnswer(answer: Answer, { spec, api, now, failed }: JudgeContext): ProbeResult {
  const { status, header, text, ended } = answer;
  const httpStatus = status;
  const says = (what: string): string => `HTTP ${status}${what === "" ? "" : `: ${what}`}`;
  if (status >= 400) {
    const failure = classifyFailure({ status, header, errorText: text }, spec, now);
    return { ...judged(failure), httpStatus, error: says(errorMessage(text)) };
  }
  if (status < 200 || status >= 300) return { status: "unknown", httpStatus, error: says(redirection(header("location"))) };

  const verdict = readAnswer(text, api);
  if (verdict.kind === "answer" && (ended === "whole" || ended === "enough")) return { status: "ok", httpStatus };
  if (verdict.kind === "error") {
    const failure = classifyFailure({ status, header, errorText: verdict.text }, spec, now);
    return { ...judged(failure), httpStatus, error: says(`an error all the same: ${errorMessage(verdict.text)}`) };
  }
  if (typeof ended === "object") return { ...failed(ended.error), httpStatus };
  const what = ended === "large" ? "more than an answer to so short a question can be" : verdict.kind === "other" ? verdict.what : "";
  const quote = ended === "large" ? "" : plainLine(text).slice(0, 80);
  return { status: "unknown", httpStatus, error: says(quote === "" || what === "a web page" ? what : `${what}: ${quote}`) };
}

/** The status for a failure, and what helps where another credential is what it takes. */
export function judged(failure: Failure | undefined): Pick<ProbeResult, "status" | "failure" | "hint"> {
  if (!failure) return { status: "unknown" };
  const hint =
    failure.rule === "claude-code-only" ? { hint: "use an Anthropic API key: openclaw models auth add --provider anthropic" } : {};
  return { status: statusOf[failure.class], failure, ...hint };
}

/** Where a redirect leads is no secret; what it carries along may be one. */
function redirection(location: string | undefined): string {
  if (location === undefined) return "no answer";
  const where = URL.canParse(location) ? ` to ${new URL(location).origin}` : "";
  return `a redirect${where}, which is not followed`;
}
