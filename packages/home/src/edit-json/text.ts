/** Puts `text` in place of what stands from `start` up to `end`. */
export interface TextEdit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

const LINE_END = /\r\n|[\n\r\u2028\u2029]/;

/** Whether a line ends in the text. */
export function hasLineEnd(text: string): boolean {
  return LINE_END.test(text);
}

/** What the lines of the text end with: as its first does, or a newline. */
export function lineEndOf(text: string): string {
  return LINE_END.exec(text)?.[0] ?? "\n";
}

/** Where the line begins that an offset is in. */
export function lineStart(text: string, offset: number): number {
  let at = offset;
  while (at > 0 && !hasLineEnd(text.charAt(at - 1))) at -= 1;
  return at;
}

/** Where the next line begins when nothing but space is left on this one; `undefined` when there is more. */
export function restIsBlank(text: string, offset: number): number | undefined {
  const at = skipSpace(text, offset);
  if (at === text.length) return at;
  const end = LINE_END.exec(text.slice(at, at + 2));
  return end?.index === 0 ? at + end[0].length : undefined;
}

/** The space a line begins with. */
export function indentationAt(text: string, offset: number): string {
  const start = lineStart(text, offset);
  return text.slice(start, Math.min(skipSpace(text, start), offset));
}

/** Whether an offset is the first on its line that is not space. */
export function isFirstOnLine(text: string, offset: number): boolean {
  return isBlank(text.slice(lineStart(text, offset), offset));
}

/** The first offset that is not space of the same line. */
export function skipSpace(text: string, offset: number): number {
  let at = offset;
  while (at < text.length && isBlank(text.charAt(at)) && !hasLineEnd(text.charAt(at))) at += 1;
  return at;
}

/** The offset after the last that is not space of the same line. */
export function skipSpaceBack(text: string, offset: number): number {
  let at = offset;
  while (at > 0 && isBlank(text.charAt(at - 1)) && !hasLineEnd(text.charAt(at - 1))) at -= 1;
  return at;
}

/** Whether there is nothing but space. */
export function isBlank(text: string): boolean {
  return text.trim() === "";
}
