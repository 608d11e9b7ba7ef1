import type { HeaderReader } from "../limits.ts";
import { readBody, type BodyFacts } from "./error-body.ts";
import { readThrown } from "./thrown.ts";

/** How a request ended, as far as it is known. */
export interface Outcome {
  readonly status?: number;
  readonly header?: HeaderReader;
  /** Body of an answer with status 400 or above, or of an error event in a stream. Never what a model said. */
  readonly errorText?: string;
  /** Whatever was thrown. */
  readonly error?: unknown;
}

/** What an outcome proves, each piece in one form. */
export interface Evidence {
  readonly status: number | undefined;
  /** Codes and types in the order in which they decide, spelled as the provider did. */
  readonly codes: readonly string[];
  /** What the error says, lower case, 8 KiB at most. Empty where it may not be judged. */
  readonly text: string;
}

const LONGEST_TEXT = 8192;

/**
 * Collects the evidence of an error; `undefined` when nothing says that there was one. The body of a
 * success proves something only by an error object of its own, and then by the codes in it: its text
 * may be what a model said.
 */
export function readEvidence(outcome: Outcome): Evidence | undefined {
  const isRefused = outcome.status !== undefined && outcome.status >= 400;
  const thrown = outcome.error === undefined ? undefined : readThrown(outcome.error);
  const body = outcome.errorText === undefined ? undefined : readBody(outcome.errorText);

  if (outcome.status !== undefined && !isRefused && !thrown) {
    if (body?.hasErrorObject !== true) return undefined;
    return { status: body.status, codes: body.codes, text: "" };
  }
  if (!isRefused && !thrown && !body) return undefined;

  const facts = [thrown, body].filter((fact) => fact !== undefined);
  const codes = facts.flatMap((fact) => fact.codes);
  const text = facts.flatMap((fact) => fact.messages).join("\n");
  return {
    status: isRefused ? outcome.status : statusOf(facts, text),
    codes,
    // Codes that are words are read as text as well: many vendors put their only words there.
    text: [text.slice(0, LONGEST_TEXT), ...codes.filter((code) => /[a-z]/i.test(code))].join("\n").toLowerCase(),
  };
}

function statusOf(facts: readonly BodyFacts[], text: string): number | undefined {
  return facts.find((fact) => fact.status !== undefined)?.status ?? statusInText(text.slice(0, LONGEST_TEXT));
}

/** A status at the very beginning of a text, or one that is called a 402: people are charged for missing that. */
function statusInText(text: string): number | undefined {
  const leading = /^\s{0,3}(?:(?:error|http(?:\/[\d.]{1,3})?|status(?: code)?):? ){0,3}([45]\d\d)(?![\w.])/i.exec(text)?.[1];
  if (leading !== undefined) return Number(leading);
  return /\b(?:status|code|http|error)(?: code)?["']?\s{0,3}[:=]?\s{0,3}402\b/i.test(text) ? 402 : undefined;
}
