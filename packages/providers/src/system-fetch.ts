/** How requests are made: the `fetch` of the platform, or one that behaves so. */
export type Fetch = typeof fetch;

/** The machine's `fetch`, looked up at each call. */
export const systemFetch: Fetch = (input, init) => fetch(input, init);
