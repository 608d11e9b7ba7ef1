import type { HeaderReader } from "../limits.ts";
import { readBody } from "./error-body.ts";
import { headersOf, readThrown } from "./thrown.ts";

/** How a request ended, as far as it is known. */
export interface Outcome {
  readonly status?: number;
  readonly header?: HeaderReader;
  /**
   * Body of an answer with status 400 or above, or the data of an error event in a stream. With a
   * status below 400 it may also be a success, or the first event of a stream: of those only an error
   * object of the provider's counts, never what a model said.
   */
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
  /** What a vendor behind an aggregator said, in the same form. */
  readonly relayedText: string;
  /** The objects in the body that describe the error. */
  readonly records: readonly Readonly<Record<string, unknown>>[];
  /** The body is a page that a proxy wrote. */
  readonly isPage: boolean;
  readonly header: HeaderReader;
  /** Everything the error says, as it was sent. */
  readonly said: string;
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
  const header = outcome.header ?? headersOf(outcome.error);

  const isSuccess = outcome.status !== undefined && !isRefused && !thrown;
  if (isSuccess && body?.hasErrorObject !== true) return undefined;
  if (!isRefused && !thrown && !body) return undefined;

  const facts = [thrown, body].filter((fact) => fact !== undefined);
  const codes = [...headerCodes(header), ...facts.flatMap((fact) => fact.codes)];
  const said = facts.flatMap((fact) => fact.messages).join("\n");
  const words = facts
    .flatMap((fact) => (isRefused ? fact.words.map((text) => withoutQuotedJson(text)) : fact.words))
    .join("\n")
    .slice(0, LONGEST_TEXT);
  // A status says more than a number in a text, which may count anything.
  const text = isRefused ? withoutStatuses(words) : words;
  const relayed = facts.flatMap((fact) => fact.relayed).join("\n");
  const status = isRefused
    ? outcome.status
    : (facts.find((fact) => fact.status !== undefined)?.status ?? (isSuccess ? undefined : statusInText(said)));
  return {
    status,
    codes,
    // Codes that are words are read as text as well: many vendors put their only words there.
    text: isSuccess ? "" : [text, ...codes.filter((code) => /[a-z]/i.test(code))].join("\n").toLowerCase(),
    relayedText: isSuccess ? "" : withoutStatuses(relayed.slice(0, LONGEST_TEXT)).toLowerCase(),
    records: facts.flatMap((fact) => fact.records),
    isPage: facts.some((fact) => fact.isPage),
    header,
    said: isSuccess ? "" : [said, relayed].join("\n").slice(0, LONGEST_TEXT),
  };
}

/** AWS names the exception in a header: `ThrottlingException:http://…`. */
function headerCodes(header: HeaderReader): readonly string[] {
  const code = header("x-amzn-errortype")?.split(":")[0]?.trim();
  return code === undefined || code === "" || code.length > 200 ? [] : [code];
}

/** A status at the very beginning of a text, or one that is called a 402: people are charged for missing that. */
function statusInText(said: string): number | undefined {
  const text = said.slice(0, LONGEST_TEXT);
  const leading = /^\s{0,3}(?:(?:error|http(?:\/[\d.]{1,3})?|status(?: code)?):? ){0,3}([45]\d\d)(?![\w.])/i.exec(text)?.[1];
  if (leading !== undefined) return Number(leading);
  return /\b(?:status|code|http|error)(?: code)?["']?\s{0,3}[:=]?\s{0,3}402\b/i.test(text) ? 402 : undefined;
}

/** JSON behind some words is a piece of the request. */
function withoutQuotedJson(text: string): string {
  const start = text.slice(0, LONGEST_TEXT).search(/[{[]\s{0,9}"/);
  return start > 0 && /\w/.test(text.slice(0, start)) ? text.slice(0, start) : text;
}

function withoutStatuses(text: string): string {
  return text.replaceAll(/(?<![\w.-])(?:40[1-4]|429)(?![\w-]|\.\d)/g, "");
}
