/** Byte sequences made ready to be looked for all at once. */
export interface NeedleIndex<N> {
  /** Calls back with each needle that stands in the bytes, by where it ends, until told to stop. */
  scan(bytes: Buffer, found: (needle: N, offset: number) => boolean): void;
}

/** What is compared first: as many bytes as the shortest needle has. */
const WINDOW = 8;
const FILTER_BITS = 16;

interface Anchored<N> {
  readonly needle: N;
  readonly bytes: Buffer;
  /** Bytes of the needle up to the end of its window. */
  readonly endsAt: number;
}

/**
 * Prepares needles of 8 bytes and more. The text is read once; at each byte a hash of the last eight is
 * looked up, and only where it is that of a needle's window the needle itself is compared. The window is
 * one that stands in the needle only once: a text full of it then differs from the needle within a few
 * bytes, so that comparing stays linear as well. (A needle in which everything repeats has none.)
 */
export function createNeedleIndex<N extends { readonly bytes: Buffer }>(needles: readonly N[]): NeedleIndex<N> {
  const filter = new Uint8Array(2 ** FILTER_BITS);
  const byHash = new Map<number, Anchored<N>[]>();
  for (const needle of needles) {
    const { bytes } = needle;
    const endsAt = ownWindow(bytes) + WINDOW;
    const hash = bytes.subarray(endsAt - WINDOW, endsAt).reduce(roll, 0);
    filter[slotOf(hash)] = 1;
    const anchored = byHash.get(hash) ?? [];
    anchored.push({ needle, bytes, endsAt });
    byHash.set(hash, anchored);
  }

  return Object.freeze({
    scan(bytes, found) {
      if (byHash.size === 0) return;
      let hash = 0;
      for (let at = 0; at < bytes.length; at += 1) {
        hash = roll(hash, bytes[at] ?? 0);
        if (filter[slotOf(hash)] === 0) continue;
        for (const { needle, bytes: wanted, endsAt } of byHash.get(hash) ?? []) {
          const start = at + 1 - endsAt;
          const end = start + wanted.length;
          if (start < 0 || end > bytes.length || bytes.compare(wanted, 0, wanted.length, start, end) !== 0) continue;
          if (!found(needle, start)) return;
        }
      }
    },
  } satisfies NeedleIndex<N>);
}

/** Each byte is moved out after eight more, so this is the hash of the last eight. */
function roll(hash: number, byte: number): number {
  return ((hash << 4) + byte) | 0;
}

function slotOf(hash: number): number {
  return Math.imul(hash, 0x9e3779b1) >>> (32 - FILTER_BITS);
}

/** The last place whose eight bytes stand nowhere else in the needle, or the last place of all. */
function ownWindow(bytes: Buffer): number {
  const text = bytes.toString("latin1");
  const windows = Array.from({ length: text.length - WINDOW + 1 }, (_, at) => text.slice(at, at + WINDOW));
  const counts = new Map<string, number>();
  for (const window of windows) counts.set(window, (counts.get(window) ?? 0) + 1);
  const own = windows.findLastIndex((window) => counts.get(window) === 1);
  return own === -1 ? windows.length - 1 : own;
}
