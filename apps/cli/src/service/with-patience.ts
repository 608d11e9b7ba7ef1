import type { Io } from "../io.ts";

const PATIENCE_MS = 3_000;

/** Awaits something, and says so when it takes long enough for a person to wonder. */
export async function withPatience<T>(io: Pick<Io, "err">, text: string, waiting: Promise<T>, afterMs: number = PATIENCE_MS): Promise<T> {
  const timer = setTimeout(() => io.err(text), afterMs);
  try {
    return await waiting;
  } finally {
    clearTimeout(timer);
  }
}

/** While it starts or is stopped. */
export const STILL_WORKING =
  "Still at it: a start waits for its secrets, a stop for requests under way. In another terminal: openclaw gateway logs -f";
