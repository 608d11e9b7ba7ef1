import type { Dialect } from "@openclaw/providers";
import { lastUserText } from "./last-user-text.ts";
import { mayHoldCommand } from "./may-hold-command.ts";
import { parseCommand, type Command } from "./parse-command.ts";
import { stripText } from "./strip-text.ts";

/** A command in a request. */
export interface FoundCommand {
  readonly command: Command;
  /** The request without it, where the message goes on; every other byte as it was. */
  readonly body: Buffer | undefined;
}

/**
 * Finds the command that the last text of the user begins with. What stands anywhere else is none: in what the text goes on
 * with, in an earlier message, in the result of a tool. One that is the whole message was obeyed when it was new: it is none
 * where something was answered behind it.
 */
export function findCommand(body: Buffer, dialect: Dialect): FoundCommand | undefined {
  if (!mayHoldCommand(body)) return undefined;
  const said = lastUserText(parseJson(body), dialect);
  const parsed = said && parseCommand(said.text);
  if (!said || !parsed) return undefined;
  const { command, length, isAll } = parsed;
  if (isAll) return said.isLast ? { command, body: undefined } : undefined;
  return { command, body: stripText(body, said.path, length) };
}

/** What is no JSON is for the provider to judge. */
function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}
