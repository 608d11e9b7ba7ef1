import type { Io } from "./io.ts";

/** How much may wait to be read. */
const MOST_WAITING = 1024 * 1024;

/** What {@link boundedIo} takes. */
export interface BoundedIoOptions {
  /** How many bytes wait to be read. */
  readonly backlog: () => number;
  /** What is written in the place of lines that were dropped. */
  readonly describe: (dropped: number) => string;
}

/**
 * An {@link Io} for a program that writes for months: where a reader takes nothing, lines are dropped and counted, so that
 * they do not fill the memory.
 */
export function boundedIo(io: Io, { backlog, describe }: BoundedIoOptions): Io {
  let dropped = 0;
  const bounded = (write: (text: string) => void) => (text: string) => {
    if (backlog() > MOST_WAITING) {
      dropped += 1;
      return;
    }
    if (dropped > 0) write(describe(dropped));
    dropped = 0;
    write(text);
  };
  return { out: bounded((text) => io.out(text)), err: bounded((text) => io.err(text)), secret: (secret) => io.secret(secret) };
}
