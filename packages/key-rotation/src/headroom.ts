/** What a provider says is left of one of its limits. */
export interface Headroom {
  /** Name of the limit: `requests`, `tokens`, `5h`, `7d`. */
  readonly window: string;
  /** The part that is left, from 0 (nothing) to 1 (all of it). */
  readonly left: number;
  /** How many are left, where the provider counts. */
  readonly remaining?: number;
  /** When it is full again, epoch milliseconds. What was said before says nothing afterwards. */
  readonly resetAt?: number;
}
