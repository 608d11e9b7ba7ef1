/** Reads one response header by its lower-case name. */
export type HeaderReader = (name: string) => string | undefined;

/** The reader of what `fetch` returned. */
export function headerReader(headers: Headers): HeaderReader {
  return (name) => headers.get(name) ?? undefined;
}
