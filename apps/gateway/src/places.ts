/** Things that come and go all the time. */
export interface Places<T> {
  readonly size: number;
  /** Returns where it is, which `delete` wants to know. */
  add(item: T): number;
  /** Does nothing where it is there no more. */
  delete(place: number, item: T): void;
  all(): readonly T[];
}

/**
 * Keeps each thing at a place of its own, which the next one gets. A map or a set makes a new table every so many of them, and
 * a table that is no longer used holds on to what was in it until all memory is looked through: thousands of requests, with
 * everything that belongs to them.
 */
export function createPlaces<T>(): Places<T> {
  const items: (T | undefined)[] = [];
  const free: number[] = [];
  return {
    get size() {
      return items.length - free.length;
    },
    add(item) {
      const place = free.pop() ?? items.length;
      items[place] = item;
      return place;
    },
    delete(place, item) {
      if (items[place] !== item) return;
      items[place] = undefined;
      free.push(place);
    },
    all: () => items.filter((item) => item !== undefined),
  };
}
