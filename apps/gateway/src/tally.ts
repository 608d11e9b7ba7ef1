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

/** The values so far; the last of them has the count. */
interface Branch {
  readonly values: readonly string[];
  readonly next: Map<string, Branch>;
  count: number;
}

/** A counter that costs a look-up per label and event: what Prometheus wants of it is made when somebody asks. */
export function createTally({ registry, name, help, labels = [] }: TallyOptions): Tally {
  const root: Branch = { values: [], next: new Map(), count: 0 };
  const counted = new Set<Branch>(labels.length === 0 ? [root] : []);
  const counter: Counter = new Counter({
    name,
    help,
    labelNames: labels,
    registers: [registry],
    collect() {
      counter.reset();
      for (const { values, count } of counted) counter.inc(Object.fromEntries(labels.map((label, at) => [label, values[at] ?? ""])), count);
    },
  });
  return {
    inc(...values) {
      let branch = root;
      for (const value of values) branch = branch.next.get(value) ?? grow(branch, value);
      if (branch.count === 0) counted.add(branch);
      branch.count += 1;
    },
  };
}

function grow({ values, next }: Branch, value: string): Branch {
  const branch: Branch = { values: [...values, value], next: new Map(), count: 0 };
  next.set(value, branch);
  return branch;
}
