/**
 * Where a text stops being JSON, as ` at line 2, column 16`; nothing where the parser does not say. The parser
 * quotes the text, which may be a key: of its message only the position is passed on.
 */
export function jsonPosition(error: unknown): string {
  const [, line, column] = /\(line (\d+) column (\d+)\)/u.exec(error instanceof Error ? error.message : "") ?? [];
  return line === undefined ? "" : ` at line ${line}, column ${column}`;
}
