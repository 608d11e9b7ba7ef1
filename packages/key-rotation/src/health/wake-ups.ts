/** Things to look at again, each at its time. */
export interface WakeUps<T> {
  /** The earliest time; `Infinity` where nothing waits. */
  nextAt(): number;
  add(at: number, item: T): void;
  /** Takes out what is due. */
  takeDue(now: number): readonly T[];
  /** Moves every time by so much: the clock was set. */
  shift(byMs: number): void;
}

interface Entry<T> {
  at: number;
  readonly item: T;
}

/** A binary heap: asking for the earliest time costs nothing, adding the logarithm of how many wait. */
export function createWakeUps<T>(): WakeUps<T> {
  const heap: Entry<T>[] = [];

  function swap(left: number, right: number): void {
    const [first, second] = [heap[left], heap[right]];
    if (!first || !second) return;
    heap[left] = second;
    heap[right] = first;
  }

  const timeAt = (index: number) => heap[index]?.at ?? Infinity;

  function rise(from: number): void {
    for (let index = from, parent = (index - 1) >> 1; index > 0 && timeAt(index) < timeAt(parent); parent = (index - 1) >> 1) {
      swap(index, parent);
      index = parent;
    }
  }

  function sink(): void {
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const smaller = timeAt(left + 1) < timeAt(left) ? left + 1 : left;
      if (timeAt(smaller) >= timeAt(index)) return;
      swap(index, smaller);
      index = smaller;
    }
  }

  function takeFirst(): Entry<T> | undefined {
    const [first] = heap;
    const last = heap.pop();
    if (last === undefined || last === first) return first;
    heap[0] = last;
    sink();
    return first;
  }

  return {
    nextAt: () => timeAt(0),
    add(at, item) {
      heap.push({ at, item });
      rise(heap.length - 1);
    },
    takeDue(now) {
      const due: T[] = [];
      while (heap.length > 0 && timeAt(0) <= now) {
        const first = takeFirst();
        if (first) due.push(first.item);
      }
      return due;
    },
    shift(byMs) {
      for (const entry of heap) entry.at += byMs;
    },
  };
}
