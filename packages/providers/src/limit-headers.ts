/** The headers that speak of one limit. */
export interface LimitHeaders {
  /** Name of the limit, the same for all providers that have it. */
  readonly window: string;
  /** How many there are in all. */
  readonly limit: string;
  /** How many are left. */
  readonly remaining: string;
  /** When it is full again. */
  readonly reset: string;
}

/** `x-ratelimit-limit-requests` and its like: OpenAI, Azure, Groq, xAI, OpenRouter (no suffix), and who speaks their dialect. */
const bySuffix: Readonly<Record<string, string>> = {
  "-requests": "requests",
  "-tokens": "tokens",
  // Cerebras, Mistral.
  "-requests-minute": "requests-minute",
  "-req-minute": "requests-minute",
  "-requests-hour": "requests-hour",
  "-requests-day": "requests-day",
  "-tokens-minute": "tokens-minute",
  "-tokens-hour": "tokens-hour",
  "-tokens-day": "tokens-day",
  // Fireworks.
  "-tokens-prompt": "input-tokens",
  "-tokens-generated": "output-tokens",
  // Last, because it is the least exact.
  "": "requests",
};

/** Every limit that is told in counts, in the order in which they are asked. */
export const limitHeaders: readonly LimitHeaders[] = [
  ...Object.entries(bySuffix).map(([suffix, window]) => ({
    window,
    limit: `x-ratelimit-limit${suffix}`,
    remaining: `x-ratelimit-remaining${suffix}`,
    reset: `x-ratelimit-reset${suffix}`,
  })),
  ...["requests", "tokens", "input-tokens", "output-tokens"].map((window) => ({
    window,
    limit: `anthropic-ratelimit-${window}-limit`,
    remaining: `anthropic-ratelimit-${window}-remaining`,
    reset: `anthropic-ratelimit-${window}-reset`,
  })),
  // Together.
  { window: "tokens", limit: "x-tokenlimit-limit", remaining: "x-tokenlimit-remaining", reset: "x-tokenlimit-reset" },
  // draft-ietf-httpapi-ratelimit-headers up to 06.
  { window: "requests", limit: "ratelimit-limit", remaining: "ratelimit-remaining", reset: "ratelimit-reset" },
];
