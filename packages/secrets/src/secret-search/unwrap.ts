/** A text without its line ends. */
export interface Unwrapped {
  readonly joined: Buffer;
  /** Where a byte of `joined` stands in the text. */
  originalOffset(offset: number): number;
}

/** Leaves out the line ends of a text. */
export function unwrap(bytes: Buffer): Unwrapped {
  const pieces: Buffer[] = [];
  // Of each piece where it begins in `joined`, and by how much its text stands further on.
  const starts: number[] = [];
  const shifts: number[] = [];
  let length = 0;
  for (let at = 0; at < bytes.length;) {
    const lineEnd = bytes.indexOf(0x0a, at);
    const next = lineEnd === -1 ? bytes.length : lineEnd + 1;
    const end = lineEnd === -1 ? next : lineEnd > at && bytes[lineEnd - 1] === 0x0d ? lineEnd - 1 : lineEnd;
    if (end > at) {
      pieces.push(bytes.subarray(at, end));
      starts.push(length);
      shifts.push(at - length);
      length += end - at;
    }
    at = next;
  }
  return {
    joined: Buffer.concat(pieces, length),
    originalOffset: (offset) => offset + (shifts[pieceAt(starts, offset)] ?? 0),
  };
}

/** The last start that is not after the offset. */
function pieceAt(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}
