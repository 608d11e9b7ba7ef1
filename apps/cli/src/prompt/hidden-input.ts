import { StringDecoder } from "node:string_decoder";
import { Interrupted, type SecretQuestion } from "../prompt.ts";

/** Where a secret is typed or pasted, and where the question is shown. */
export interface HiddenTerminal {
  readonly input: NodeJS.ReadableStream & { setRawMode?(isRaw: boolean): unknown };
  readonly output: { write(text: string): unknown };
}

export interface HiddenOptions {
  readonly signal: AbortSignal;
  /** Whether the terminal knows escape sequences, and can mark what is pasted. */
  readonly canMark: boolean;
}

const PASTE_START = "\u001B[200~";
const PASTE_END = "\u001B[201~";
const MARK_PASTES = "\u001B[?2004h";
const MARK_NO_PASTES = "\u001B[?2004l";

/** What a terminal may need between two parts of one paste. */
const SETTLE_MS = 80;

/** Asks for something that is not shown, not even how long it is, until it reads as something. */
export async function askHidden<T>(terminal: HiddenTerminal, { message, read }: SecretQuestion<T>, options: HiddenOptions): Promise<T> {
  for (;;) {
    terminal.output.write(`${message} (hidden): `);
    const answer = read(await readHidden(terminal, options));
    if (typeof answer !== "string") return answer.value;
    terminal.output.write(`  ${answer}\n`);
  }
}

/**
 * What is typed or pasted up to the enter key, line breaks inside a paste included: a terminal that wraps a
 * token puts them there, and ending at the first would store half of it. Where pastes are not marked, a line
 * break ends it only if nothing follows at once.
 */
function readHidden({ input, output }: HiddenTerminal, { signal, canMark }: HiddenOptions): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const decoder = new StringDecoder("utf8");
  let text = "";
  let settling: NodeJS.Timeout | undefined;

  const take = (chunk: Buffer | string) => {
    clearTimeout(settling);
    const keys = typeof chunk === "string" ? chunk : decoder.write(chunk);
    const isPasting = text.lastIndexOf(PASTE_START) > text.lastIndexOf(PASTE_END);
    if (!isPasting && (keys === "\u001B" || /[\u0003\u0004]/u.test(keys))) return reject(new Interrupted());
    text = edited(text + keys);
    const isPasted = text.lastIndexOf(PASTE_START) > text.lastIndexOf(PASTE_END);
    if (!isPasted && /[\r\n]$/u.test(text)) settling = setTimeout(() => resolve(text), SETTLE_MS);
  };
  const end = () => (text === "" ? reject(new Interrupted()) : resolve(text));
  const giveUp = () => reject(new Interrupted());

  input.on("data", take).once("end", end);
  signal.addEventListener("abort", giveUp, { once: true });
  if (signal.aborted) giveUp();
  input.setRawMode?.(true);
  if (canMark) output.write(MARK_PASTES);
  input.resume();
  return promise.finally(() => {
    clearTimeout(settling);
    input.off("data", take).off("end", end);
    signal.removeEventListener("abort", giveUp);
    input.pause();
    input.setRawMode?.(false);
    output.write(canMark ? `${MARK_NO_PASTES}\n` : "\n");
  });
}

/** A key that erases takes a character back, Ctrl-U all of them. */
function edited(text: string): string {
  const kept = text.slice(text.lastIndexOf("\u0015") + 1);
  let result = "";
  for (const character of kept) result = character === "\u007F" || character === "\b" ? result.slice(0, -1) : result + character;
  return result;
}
