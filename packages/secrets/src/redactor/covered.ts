/** The parts of a text to be covered, in order and apart from each other. */
export interface Covered {
  add(start: number, end: number): void;
  /** Takes out those that begin before `before`. */
  take(before: number): readonly Part[];
}

interface Part {
  readonly start: number;
  readonly end: number;
}

/** Parts that overlap or touch become one. */
export function createCovered(): Covered {
  let parts: Part[] = [];
  return {
    add(start, end) {
      let after = parts.length;
      while (after > 0 && (parts[after - 1]?.start ?? 0) > end) after -= 1;
      let first = after;
      while (first > 0 && (parts[first - 1]?.end ?? 0) >= start) first -= 1;
      const joined = {
        start: Math.min(start, parts[first]?.start ?? start),
        end: Math.max(end, first < after ? (parts[after - 1]?.end ?? end) : end),
      };
      parts.splice(first, after - first, joined);
    },
    take(before) {
      if (parts.length === 0) return parts;
      const count = parts.findLastIndex(({ start }) => start < before) + 1;
      const taken = parts.slice(0, count);
      parts = parts.slice(count);
      return taken;
    },
  };
}
