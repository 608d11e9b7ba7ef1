import { printablePrompt } from "./prompt/printable-prompt.ts";

/** One of several answers. */
export interface Choice<T> {
  readonly value: T;
  readonly label: string;
  /** Shown beside the label. */
  readonly hint?: string | undefined;
}

/** A question with given answers. */
export interface ChoiceQuestion<T> {
  readonly message: string;
  readonly choices: readonly Choice<T>[];
}

/** A question that is answered with a line of text. */
interface TextQuestion {
  readonly message: string;
  /** What an answer looks like. */
  readonly example?: string | undefined;
  /** What stands there already. */
  readonly initial?: string | undefined;
  /** What is wrong with an answer, in words for a person. */
  readonly check?: (text: string) => string | undefined;
}

/** A question whose answer must not be seen. */
export interface SecretQuestion<T> {
  readonly message: string;
  /** Reads what was typed or pasted as it came, line breaks included; or says what is wrong with it, in words for a person. */
  readonly read: (pasted: string) => { readonly value: T } | string;
}

/**
 * Asks a person. What is asked and shown may come from files: it is made printable here. Every question
 * rejects with {@link Interrupted} when the person presses Ctrl-C, with the terminal as it was before.
 */
export interface Prompt {
  /** Tells something between two questions. */
  say(text: string): void;
  /** Needs at least one choice. */
  select<T>(question: ChoiceQuestion<T>): Promise<T>;
  /** May be none. */
  selectMany<T>(question: ChoiceQuestion<T>): Promise<readonly T[]>;
  /** Without space at either end. */
  text(question: TextQuestion): Promise<string>;
  /** Shows nothing of the answer. */
  secret<T>(question: SecretQuestion<T>): Promise<T>;
  confirm(question: { readonly message: string; readonly initial: boolean }): Promise<boolean>;
}

/** The person does not want to go on. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";

  constructor() {
    super("interrupted");
  }
}

/** Both ends of a conversation. */
export interface Terminal {
  readonly input: NodeJS.ReadStream;
  /** Where questions are shown: not stdout, which is for data. */
  readonly output: NodeJS.WriteStream;
}

/** How questions are asked. */
export interface PromptOptions {
  /** `TERM` decides whether the terminal can be drawn on. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted: the question that is open is given up. */
  readonly signal: AbortSignal;
}

/** The terminal of this process, if a person is at both ends of it. */
export function ownTerminal(): Terminal | undefined {
  const { stdin, stderr } = process;
  return stdin.isTTY && stderr.isTTY ? { input: stdin, output: stderr } : undefined;
}

/** Opens a terminal for questions: drawn ones, or plain lines on a terminal that cannot move its cursor. */
export async function openPrompt(terminal: Terminal, options: PromptOptions): Promise<Prompt> {
  const { TERM: term = "" } = options.env;
  const prompt =
    term === "" || term === "dumb"
      ? (await import("./prompt/line-prompt.ts")).createLinePrompt(terminal, options.signal)
      : (await import("./prompt/drawn-prompt.ts")).createDrawnPrompt(terminal, options.signal);
  return printablePrompt(prompt);
}
