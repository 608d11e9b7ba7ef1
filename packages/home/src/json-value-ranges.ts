import { parseDocument, endOf, startOf, valueOf, type JsonDialect } from "./edit-json/document.ts";
import { findPlace } from "./edit-json/place.ts";
import { HomeError } from "./errors.ts";

/** A part of a file, in bytes. */
export interface ByteRange {
  readonly start: number;
  /** The byte after the last. */
  readonly end: number;
}

/**
 * Where the values at these paths stand in a JSON file, quotes included. A path that leads nowhere has no
 * range, and a file that is not valid has none at all.
 */
export function jsonValueRanges(bytes: Uint8Array, paths: readonly (readonly string[])[], dialect: JsonDialect): readonly ByteRange[] {
  const whole = Buffer.from(bytes).toString("utf8");
  const text = whole.replace(/^\uFEFF/u, "");
  const places = placesOf(text, paths, dialect).toSorted((left, right) => left.start - right.start);
  const ranges: ByteRange[] = [];
  let [at, offset] = [0, whole.length === text.length ? 0 : Buffer.byteLength("\uFEFF")];
  for (const place of places) {
    const start = offset + Buffer.byteLength(text.slice(at, place.start));
    ranges.push({ start, end: start + Buffer.byteLength(text.slice(place.start, place.end)) });
    [at, offset] = [place.start, start];
  }
  return ranges;
}

function placesOf(text: string, paths: readonly (readonly string[])[], dialect: JsonDialect): readonly ByteRange[] {
  try {
    const { root } = parseDocument(text, dialect);
    return paths.flatMap((path) => {
      const place = findPlace(root, path);
      return place.kind === "there" ? [{ start: startOf(valueOf(place.child)), end: endOf(valueOf(place.child)) }] : [];
    });
  } catch (error) {
    // A name that occurs twice: which of the two counts is not for us to guess.
    if (error instanceof HomeError) return [];
    throw error;
  }
}
