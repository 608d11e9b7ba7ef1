import { createRedactor } from "./redactor.ts";
import { formsOf, isWrapped, SHORTEST, type Needle, type SecretForm } from "./secret-search/forms.ts";
import { createNeedleIndex, type NeedleIndex } from "./secret-search/needle-index.ts";
import { unwrap } from "./secret-search/unwrap.ts";
import type { Secret } from "./secret.ts";

export type { SecretForm };

/** A value to look for, and what to call it. */
export interface SecretSearchEntry {
  readonly secret: Secret;
  /** `OPENAI_API_KEY`, `profile openai:default`: never the value. */
  readonly label: string;
}

/** Where a value stands. */
export interface SecretHit {
  readonly label: string;
  readonly form: SecretForm;
  /** Of its first byte. */
  readonly offset: number;
  /** Bytes, as it is written there. */
  readonly length: number;
}

/** Looks for known values. */
export interface SecretSearch {
  /** In the order in which they stand. What stands within a longer value is not told apart from it. */
  search(bytes: Uint8Array): readonly SecretHit[];
}

/** More than a person can look at; a text of nothing but keys must not fill the memory. */
const MOST_HITS = 10_000;

/**
 * Finds known values, and no others, in files that should not hold them: as they are, JSON- or
 * percent-escaped, in hex, in UTF-16, and in base64 or base64url at any alignment, wrapped lines
 * included. A value of fewer than 8 bytes is not looked for: it stands in ordinary text by chance.
 *
 * Takes time linear in the bytes, however many values there are.
 *
 * @example
 * createSecretSearch([{ secret, label: "OPENAI_API_KEY" }]).search(await readFile("gateway.log"));
 */
export function createSecretSearch(entries: readonly SecretSearchEntry[]): SecretSearch {
  const wanted = entries.map(({ secret, label }) => ({ secret, label, value: Buffer.from(secret.reveal(), "utf8") }));
  const known = wanted.filter(({ value }) => value.length >= SHORTEST);
  const needles = known.flatMap(({ label, value }) => formsOf(value).map((needle) => ({ label, ...needle })));
  const index = createNeedleIndex(needles);
  const wrapped = createNeedleIndex(needles.filter(({ form }) => form === "base64" || form === "base64url"));
  const all = redactorOf(known);

  /** Escapes in any mixture, which no list of forms can hold. */
  function searchEscaped(bytes: Buffer, found: ReadonlySet<string>): readonly SecretHit[] {
    if (!bytes.includes("\\") && !bytes.includes("%")) return [];
    const missing = known.filter(({ label }) => !found.has(label));
    if (missing.length === 0 || changedAt(found.size === 0 ? all : redactorOf(missing), bytes) === undefined) return [];
    return missing.flatMap((entry) => {
      const offset = changedAt(redactorOf([entry]), bytes);
      return offset === undefined ? [] : [{ label: entry.label, form: "escaped", offset, length: 1 } as const];
    });
  }

  return Object.freeze({
    search(given) {
      if (known.length === 0) return [];
      const bytes = Buffer.from(given.buffer, given.byteOffset, given.byteLength);
      const direct = hitsIn(bytes, index);
      const inLines = isWrapped(bytes) ? searchWrapped(bytes, wrapped) : [];
      const found = outermost([...direct, ...inLines]);
      return outermost([...found, ...searchEscaped(bytes, new Set(found.map(({ label }) => label)))]);
    },
  } satisfies SecretSearch);
}

type LabelledNeedle = Needle & { readonly label: string };

function hitsIn(bytes: Buffer, index: NeedleIndex<LabelledNeedle>): readonly SecretHit[] {
  const hits: SecretHit[] = [];
  index.scan(bytes, ({ label, form, bytes: needle }, offset) => {
    hits.push({ label, form, offset, length: needle.length });
    return hits.length < MOST_HITS;
  });
  return hits;
}

/** Base64 that a program broke into lines, read without its line ends. */
function searchWrapped(bytes: Buffer, index: NeedleIndex<LabelledNeedle>): readonly SecretHit[] {
  const { joined, originalOffset } = unwrap(bytes);
  return hitsIn(joined, index).map((hit) => {
    const offset = originalOffset(hit.offset);
    return { ...hit, offset, length: originalOffset(hit.offset + hit.length - 1) + 1 - offset };
  });
}

/** Without those that another covers; of two in the same place the first stays. */
function outermost(hits: readonly SecretHit[]): readonly SecretHit[] {
  let end = -1;
  return hits
    .toSorted((left, right) => left.offset - right.offset || right.length - left.length)
    .filter(({ offset, length }) => {
      if (offset + length <= end) return false;
      end = offset + length;
      return true;
    });
}

function redactorOf(entries: readonly { readonly secret: Secret }[]) {
  const redactor = createRedactor();
  for (const { secret } of entries) redactor.add(secret);
  return redactor;
}

/** Where redaction begins to change the bytes. */
function changedAt(redactor: ReturnType<typeof createRedactor>, bytes: Buffer): number | undefined {
  const after = redactor.bytes(bytes);
  if (after === bytes) return undefined;
  const at = bytes.findIndex((byte, index) => byte !== after[index]);
  return at === -1 ? bytes.length : at;
}
