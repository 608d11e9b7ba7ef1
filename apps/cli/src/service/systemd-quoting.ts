/**
 * One word of a systemd unit file: in double quotes, with its backslashes, quotes and control characters escaped, and
 * `%` doubled, so that no specifier is expanded.
 */
export function quoteSystemd(text: string): string {
  const escaped = text
    .replaceAll("%", "%%")
    .replaceAll(/[\\"]/gu, (character) => `\\${character}`)
    .replaceAll(/\p{Cc}/gu, (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`);
  return `"${escaped}"`;
}

/** A command line. A `$` stands for a variable in all of it but the program, and is doubled there. */
export function quoteSystemdCommand([program = "", ...args]: readonly string[]): string {
  return [quoteSystemd(program), ...args.map((word) => quoteSystemd(word.replaceAll("$", "$$$$")))].join(" ");
}

/** The words of a command line that {@link quoteSystemdCommand} made. */
export function readSystemdCommand(line: string): readonly string[] {
  return readSystemdWords(line).map((word, at) => (at === 0 ? word : word.replaceAll("$$", "$")));
}

/** The words of a line that {@link quoteSystemd} made. */
export function readSystemdWords(line: string): readonly string[] {
  return (line.match(/"(?:[^"\\]|\\.)*"/gu) ?? []).map((word) =>
    word
      .slice(1, -1)
      .replaceAll(/\\(?:u([0-9a-f]{4})|(.))/gu, (_all, code: string | undefined, character: string | undefined) =>
        code === undefined ? (character ?? "") : String.fromCodePoint(Number.parseInt(code, 16)),
      )
      .replaceAll("%%", "%"),
  );
}
