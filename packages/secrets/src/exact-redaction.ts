import type { RedactionStream } from "./redactor.ts";
import type { Secret } from "./secret.ts";

/** Bytes of the shortest value that is searched for: a shorter one (`ollama`, `none`) is a word that any text may hold. */
const SHORTEST = 8;
const MARKER = "[redacted]";
const NOTHING = Buffer.alloc(0);

/**
 * Covers one value in a text that comes in chunks: as it is, and as it stands in JSON. Other encodings are
 * left to the redactor, which costs more. What covers a value is as long as the value (`[redacted]**`), so
 * that a length announced before stays true. A value of fewer than 8 bytes is not searched for.
 *
 * A chunk comes back as the same buffer, unless the value stands in it or may begin at its end.
 */
export function createExactRedaction(secret: Secret): RedactionStream {
  const patterns = patternsOf(secret);
  let held = NOTHING;

  function write(chunk: Uint8Array, isLast: boolean): Buffer {
    const bytes = held.length === 0 ? asBuffer(chunk) : Buffer.concat([held, chunk]);
    const { output, end } = cover(bytes, patterns);
    let heldFrom = output.length;
    if (!isLast) for (const pattern of patterns) heldFrom = Math.min(heldFrom, beginningAtEnd(output, pattern, end));
    if (heldFrom === output.length) {
      held = NOTHING;
      return output;
    }
    held = Buffer.from(output.subarray(heldFrom));
    return output.subarray(0, heldFrom);
  }

  return { push: (chunk) => write(chunk, false), end: () => write(NOTHING, true) };
}

interface Pattern {
  readonly bytes: Buffer;
  readonly cover: Buffer;
  /** 1 for each byte that occurs in the pattern. */
  readonly has: Uint8Array;
}

/** One secret is looked for in every answer to it. */
const known = new WeakMap<Secret, readonly Pattern[]>();

/** In JSON quotes, backslashes and control characters are escaped, and by some writers the slash. */
function patternsOf(secret: Secret): readonly Pattern[] {
  const made = known.get(secret);
  if (made) return made;
  const patterns = createPatterns(secret.reveal());
  known.set(secret, patterns);
  return patterns;
}

function createPatterns(value: string): readonly Pattern[] {
  if (Buffer.byteLength(value) < SHORTEST) return [];
  const escaped = JSON.stringify(value).slice(1, -1);
  const forms = new Set([value, escaped, escaped.replaceAll("/", String.raw`\/`)]);
  return Array.from(forms, (form) => {
    const bytes = Buffer.from(form);
    const has = new Uint8Array(256);
    for (const byte of bytes) has[byte] = 1;
    const cover = Buffer.from(bytes.length < MARKER.length ? "*".repeat(bytes.length) : MARKER.padEnd(bytes.length, "*"));
    return { bytes, cover, has };
  });
}

/** The same buffer where nothing is found, else a covered copy; and where the last value found ends. */
function cover(bytes: Buffer, patterns: readonly Pattern[]): { readonly output: Buffer; readonly end: number } {
  let output = bytes;
  let end = 0;
  for (const pattern of patterns) {
    for (let at = output.indexOf(pattern.bytes); at >= 0; at = output.indexOf(pattern.bytes, at + pattern.bytes.length)) {
      if (output === bytes) output = Buffer.from(bytes);
      pattern.cover.copy(output, at);
      end = Math.max(end, at + pattern.bytes.length);
    }
  }
  return { output, end };
}

/** Where, at or after `from`, the longest end of the bytes begins that is a beginning of the pattern. */
function beginningAtEnd(bytes: Buffer, pattern: Pattern, from: number): number {
  const last = bytes[bytes.length - 1];
  if (last === undefined || pattern.has[last] === 0) return bytes.length;
  const first = pattern.bytes[0] ?? 0;
  const earliest = Math.max(from, bytes.length - pattern.bytes.length + 1);
  for (let at = bytes.indexOf(first, earliest); at >= 0; at = bytes.indexOf(first, at + 1)) {
    if (startsWith(pattern.bytes, bytes, at)) return at;
  }
  return bytes.length;
}

/** Whether the pattern begins as the bytes end from `at` on. */
function startsWith(pattern: Buffer, bytes: Buffer, at: number): boolean {
  for (let index = 1; at + index < bytes.length; index += 1) if (pattern[index] !== bytes[at + index]) return false;
  return true;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
