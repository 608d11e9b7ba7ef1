import type { Command } from "commander";

/** A word after `models` or `gateway` that names no command reaches the default one as an argument: say what it is. */
export function refuseUnknownCommand(command: Command): void {
  const [word] = command.args;
  if (word === undefined) return;
  const known = (command.parent?.commands ?? []).map((each) => each.name()).join(", ");
  command.error(`error: unknown command '${word}' (there are: ${known})`);
}
