import { Counter, type Registry } from "prom-client";

/** What a {@link Tally} counts, and where it is shown. */
export interface TallyOptions {
  readonly registry: Registry;
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
}

/** Counts by the values of labels. */
export interface Tally {
  /** One more; a value for each label, in their order. */
  inc(...values: readonly string[]): void;
}

interface Cell {
  readonly values: readonly string[];
  count: number;
}

/** A counter that costs a look-up per event: what Prometheus wants of it is made when somebody asks. */
export function createTally({ registry, name, help, labels = [] }: TallyOptions): Tally {
  const cells = new Map<string, Cell>();
  const counter = new Counter({
    name,
    help,
    labelNames: labels,
    registers: [registry],
    collect() {
      counter.reset();
      for (const { values, count } of cells.values())
        counter.inc(Object.fromEntries(labels.map((label, at) => [label, values[at] ?? ""])), count);
    },
  });
  return {
    inc(...values) {
      const key = values.join("\n");
      const cell = cells.get(key);
      if (cell) cell.count += 1;
      else cells.set(key, { values, count: 1 });
    },
  };
}
