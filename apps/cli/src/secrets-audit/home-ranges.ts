import { jsonValueRanges, type ByteRange } from "@openclaw/home";
import type { SecretPlace } from "./audit-source.ts";

/** Where in the bytes of a file the values stand that are at home there. */
export function homeRanges(bytes: Buffer, places: readonly SecretPlace[]): readonly ByteRange[] {
  if (places.some(({ kind }) => kind === "file")) return [{ start: 0, end: bytes.length }];
  const names = new Set(places.flatMap((place) => (place.kind === "env" ? [place.name] : [])));
  const json = places.flatMap((place) => (place.kind === "json" ? [place] : []));
  const [first] = json;
  return [
    ...(names.size === 0 ? [] : envLines(bytes, names)),
    ...(first === undefined
      ? []
      : jsonValueRanges(
          bytes,
          json.map(({ path }) => path),
          first.dialect,
        )),
  ];
}

/** The lines that define these variables. A comment defines nothing. */
function envLines(bytes: Buffer, names: ReadonlySet<string>): readonly ByteRange[] {
  const ranges: ByteRange[] = [];
  for (let start = 0; start < bytes.length;) {
    const lineEnd = bytes.indexOf(0x0a, start);
    const end = lineEnd === -1 ? bytes.length : lineEnd;
    const [, name, value] = /^\uFEFF?\s*(?:export\s+)?([A-Za-z_][\w.-]*)\s*=([^\n]*)$/u.exec(bytes.toString("utf8", start, end)) ?? [];
    if (name !== undefined && value !== undefined && names.has(name)) ranges.push({ start, end: end - commentBytes(value) });
    start = end + 1;
  }
  return ranges;
}

/** Bytes of a comment behind the value. What stands in quotes is none. */
function commentBytes(value: string): number {
  const [, comment = ""] = /^\s*(?:"[^"]*"|'[^']*'|`[^`]*`|[^"'`#\s][^#]*)?\s*(#.*)$/u.exec(value) ?? [];
  return Buffer.byteLength(comment);
}
