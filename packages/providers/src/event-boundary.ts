const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/**
 * Where the last event that is complete ends in a chunk of an event stream: after a blank line, whichever of
 * the three line ends it is made of. 0 where none ends. `before` are the two bytes before the chunk.
 */
export function lastBoundary(chunk: Uint8Array, before: readonly [number, number]): number {
  for (let end = chunk.length; end > 0; end -= 1) if (isBoundary(chunk, end, before)) return end;
  return 0;
}

/**
 * Where the first event from `from` on ends; the end of the bytes where none does. A carriage return is enough:
 * a line feed after it is an empty line of the next event.
 */
export function nextBoundary(bytes: Uint8Array, from: number): number {
  for (let end = from + 1; end < bytes.length; end += 1) if (isBoundary(bytes, end, [0, 0])) return end;
  return bytes.length;
}

/** The two bytes before what comes next. */
export function lastTwo(chunk: Uint8Array, before: readonly [number, number]): readonly [number, number] {
  const last = chunk[chunk.length - 1];
  return last === undefined ? before : [chunk[chunk.length - 2] ?? before[1], last];
}

function isBoundary(bytes: Uint8Array, end: number, before: readonly [number, number]): boolean {
  const last = bytes[end - 1] ?? 0;
  if (!isLineEnd(last)) return false;
  const previous = bytes[end - 2] ?? before[end] ?? 0;
  if (last === CARRIAGE_RETURN || previous === LINE_FEED) return isLineEnd(previous);
  return previous === CARRIAGE_RETURN && isLineEnd(bytes[end - 3] ?? before[end - 1] ?? 0);
}

function isLineEnd(byte: number): boolean {
  return byte === LINE_FEED || byte === CARRIAGE_RETURN;
}
