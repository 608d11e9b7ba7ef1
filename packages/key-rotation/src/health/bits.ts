/** A set of small numbers, 32 to a word: a thousand credentials are 32 words, looked through in some ten nanoseconds. */
export type Bits = Uint32Array;

export function createBits(size: number): Bits {
  return new Uint32Array((size + 31) >>> 5);
}

export function hasBit(bits: Bits, index: number): boolean {
  return ((bits[index >>> 5] ?? 0) & (1 << (index & 31))) !== 0;
}

export function writeBit(bits: Bits, index: number, isSet: boolean): void {
  const word = index >>> 5;
  const mask = 1 << (index & 31);
  const before = bits[word] ?? 0;
  bits[word] = isSet ? before | mask : before & ~mask;
}

/** The first number of the set from `from` on and below `to`; -1 where there is none. */
export function firstBit(bits: Bits, from: number, to: number): number {
  let word = from >>> 5;
  let value = (bits[word] ?? 0) & (-1 << (from & 31));
  while (word << 5 < to) {
    if (value !== 0) {
      const index = (word << 5) + lowestIn(value);
      return index < to ? index : -1;
    }
    word += 1;
    value = bits[word] ?? 0;
  }
  return -1;
}

/** 32 numbers of the set, those from `from` on and below `to`: for going through them without a call for each. */
export function wordAt(bits: Bits, word: number, from: number, to: number): number {
  const start = word << 5;
  const above = start < from ? -1 << (from - start) : -1;
  const below = to - start < 32 ? ~(-1 << (to - start)) : -1;
  return (bits[word] ?? 0) & above & below;
}

/** The lowest number in a word that holds one. */
export function lowestIn(word: number): number {
  return 31 - Math.clz32(word & -word);
}

export function areSameBits(left: Bits, right: Bits): boolean {
  return left.every((word, at) => word === right[at]);
}
