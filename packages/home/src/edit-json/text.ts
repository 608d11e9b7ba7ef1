const LINE_END = /\r\n|[\n\r\u2028\u2029]/;

/** Whether a line ends in the text. */
export function hasLineEnd(text: string): boolean {
  return LINE_END.test(text);
}

/** What the first line of the text ends with. */
export function firstLineEnd(text: string): string | undefined {
  return LINE_END.exec(text)?.[0];
}

/** What comes after the first line. */
export function afterFirstLine(text: string): string {
  const end = LINE_END.exec(text);
  return end === null ? "" : text.slice(end.index + end[0].length);
}

/** What is on the last line. */
export function lastLine(text: string): string {
  return text.split(LINE_END).at(-1) ?? "";
}

/** What comes before the last line, with its line end. */
export function beforeLastLine(text: string): string {
  return text.slice(0, text.length - lastLine(text).length);
}
