/**
 * How one of several usable credentials is chosen.
 *
 * - `ordered`: the first one, always.
 * - `fill-first`: the one used last until it cools down, then the next in the list.
 * - `least-used`: the one with the fewest requests under way, and of these the one that has rested longest.
 * - `most-headroom`: the one of whose limits most is left, by what the providers' answers say.
 */
export const strategies = ["ordered", "fill-first", "least-used", "most-headroom"] as const;

export type Strategy = (typeof strategies)[number];
