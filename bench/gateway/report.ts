import type { Measure } from "./measures.ts";

/** The samples of one round. */
export interface Sample {
  readonly floor: number;
  readonly gateway: number;
}

/** One line: how the gateway compares with the floor, round by round, and whether that is what it is to be. */
export function renderRatios({ name, unit, target }: Pick<Measure, "name" | "unit" | "target">, samples: readonly Sample[]): string {
  const ratios = samples.map(({ floor, gateway }) => gateway / floor);
  const middle = median(ratios);
  const isReached = "atLeast" in target ? middle >= target.atLeast : middle <= target.atMost;
  const wanted = "atLeast" in target ? `>= ${target.atLeast.toFixed(2)}` : `<= ${target.atMost.toFixed(2)}`;
  const [floor, gateway] = [median(samples.map((each) => each.floor)), median(samples.map((each) => each.gateway))];
  return [
    name.padEnd(38),
    middle.toFixed(3),
    `${Math.min(...ratios).toFixed(3)} to ${Math.max(...ratios).toFixed(3)}`,
    wanted,
    isReached ? "yes" : "NO ",
    `floor ${digits(floor)} ${unit}, gateway ${digits(gateway)} ${unit}`,
  ].join("  ");
}

export const heading: string = ["".padEnd(38), "median", "min to max    ", "target ", "reached"].join(" ");

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = sorted.length >> 1;
  const [left = Number.NaN, right = Number.NaN] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  return (left + right) / 2;
}

function digits(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(3);
}
