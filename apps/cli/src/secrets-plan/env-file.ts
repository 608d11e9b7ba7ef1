import { parseEnv } from "node:util";
import { readCredentialText, Secret } from "@openclaw/secrets";

/** What may go from a `.env` file. */
export interface EnvScrub {
  /** Whether a variable is one of those that hold credentials; all others stay. */
  isCredential(name: string): boolean;
  isMigrated(value: Secret): boolean;
  /** Whether something reads the variable from this file: its line stays. */
  isNeeded(name: string): boolean;
}

/** A `.env` text without the lines that are no longer wanted. */
export interface ScrubbedEnv {
  readonly text: string;
  readonly removed: readonly string[];
  /** Variables whose value was moved and that something still reads from here. */
  readonly needed: readonly string[];
  /** Variables that hold a credential of another value. */
  readonly others: readonly string[];
}

/** An assignment: `export`, a name, `=`. A `#` before it makes it a comment. */
const ASSIGNMENT = /^[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.-]*)[ \t]*=[ \t]*/u;

/** Removes lines whose value was moved. Every other byte stays: order, comments, `export`, line ends. */
export function scrubEnv(text: string, scrub: EnvScrub): ScrubbedEnv {
  const mark = text.startsWith("\uFEFF") ? 1 : 0;
  const kept: string[] = [text.slice(0, mark)];
  const [removed, needed, others] = [new Set<string>(), new Set<string>(), new Set<string>()];
  for (let at = mark; at < text.length;) {
    const { name, chunk } = entryAt(text.slice(at));
    at += chunk.length;
    const value = name !== undefined && scrub.isCredential(name) ? valueOf(chunk, name) : undefined;
    if (name === undefined || value === undefined) {
      kept.push(chunk);
      continue;
    }
    const isGone = scrub.isMigrated(value) && !scrub.isNeeded(name);
    if (!isGone) kept.push(chunk);
    (isGone ? removed : scrub.isMigrated(value) ? needed : others).add(name);
  }
  return { text: kept.join(""), removed: [...removed], needed: [...needed], others: [...others] };
}

/** A line with its end, or several where a quoted value goes on. */
function entryAt(text: string): { readonly name: string | undefined; readonly chunk: string } {
  const start = ASSIGNMENT.exec(text);
  const end = lineEnd(text, 0);
  const name = start?.[1];
  if (!start || name === undefined) return { name: undefined, chunk: text.slice(0, end) };
  const quote = text.charAt(start[0].length);
  const closing = /["'`]/u.test(quote) ? text.indexOf(quote, start[0].length + 1) : -1;
  return { name, chunk: text.slice(0, closing === -1 ? end : lineEnd(text, closing)) };
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return end === -1 ? text.length : end + 1;
}

/** The value of an assignment, as a key of it would be read. */
function valueOf(chunk: string, name: string): Secret | undefined {
  const text = parseEnv(chunk.replace(/^[ \t]*(?:export[ \t]+)?/u, ""))[name];
  if (text === undefined || text.trim() === "") return undefined;
  return readCredentialText(text) ?? Secret.of(text);
}
