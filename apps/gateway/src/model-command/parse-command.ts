/** What a person asks of the gateway in a chat. */
export type Command =
  | { readonly kind: "show" | "list" | "status" }
  /** An alias, `provider/model`, a number of the list or `default`, each with a profile behind an `@` or without. */
  | { readonly kind: "use"; readonly name: string }
  | { readonly kind: "reset"; readonly word: "new" | "reset" };

/** A command, and what it takes of the text it stands in. */
export interface ParsedCommand {
  readonly command: Command;
  /** Characters up to what the rest of the message begins with; all of them where there is no more. */
  readonly length: number;
  /** Nothing comes behind it. */
  readonly isAll: boolean;
}

const RESET = /^\/(?<word>new|reset)[ \t\r\n]*$/u;
// The name is on the same line: a message that begins with `/model` alone on a line is about something else.
const MODEL = /^\/model(?=[ \t\r\n:]|$)[ \t]*:?[ \t]*(?<name>[^ \t\r\n]*)[ \t\r\n]*/u;

const views: ReadonlyMap<string, "show" | "list" | "status"> = new Map([
  ["", "show"],
  ["list", "list"],
  ["status", "status"],
]);

/** The command a message begins with. Only one that uses a model may be followed by more. */
export function parseCommand(text: string): ParsedCommand | undefined {
  const word = RESET.exec(text)?.groups?.["word"];
  if (word === "new" || word === "reset") return { command: { kind: "reset", word }, length: text.length, isAll: true };
  const match = MODEL.exec(text);
  if (!match) return undefined;
  const name = match.groups?.["name"] ?? "";
  const length = match[0].length;
  const isAll = length === text.length;
  const view = views.get(name);
  if (isAll && view) return { command: { kind: view }, length, isAll };
  return name === "" ? undefined : { command: { kind: "use", name }, length, isAll };
}
