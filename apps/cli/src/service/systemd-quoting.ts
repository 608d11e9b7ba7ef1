/**
 * One word of a systemd unit file: in double quotes, with its backslashes, quotes and control characters escaped, and
 * `%` doubled, so that no specifier is expanded. A `$` is left as it is: it means nothing in `Environment=`, and the
 * `:` in front of a command line turns it off there.
 */
export function quoteSystemd(text: string): string {
  const escaped = text
    .replaceAll("%", "%%")
    .replaceAll(/[\\"]/gu, (character) => `\\${character}`)
    .replaceAll(/\p{Cc}/gu, (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`);
  return `"${escaped}"`;
}

/** The words of a line that {@link quoteSystemd} made, such as a command line. */
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
