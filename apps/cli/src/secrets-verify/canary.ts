import { randomInt } from "node:crypto";
import { createSecretSearch, Secret, type SecretForm } from "@openclaw/secrets";

/** A fake secret that stands nowhere else. Of no worth to anybody, so it may be a plain text. */
export interface Canary {
  /** `env-1`: where it is planted. */
  readonly label: string;
  readonly value: string;
}

/** Where a canary got to. Holds no part of it. */
export interface CanaryHit {
  readonly label: string;
  /** `dump`: the bytes of a Buffer as Node prints them. */
  readonly form: SecretForm | "dump";
  /** Whether only a part of it is there. */
  readonly isPiece: boolean;
}

/** Looks for canaries in captured bytes. */
export interface CanarySearch {
  /** Each canary once per form. */
  search(bytes: Uint8Array): readonly CanaryHit[];
}

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const PIECE = 8;
const DUMP = /<(?:Slow)?Buffer((?: [0-9a-f]{2})+)/gu;

/** Makes a canary: some random letters, two characters that encodings change, more letters. */
export function createCanary(label: string): Canary {
  return { label, value: `test-canary-${label}-${letters(16)}/+${letters(16)}` };
}

/** Prepares the search for canaries, and for every piece of their random part that is long enough to be no accident. */
export function createCanarySearch(canaries: readonly Canary[]): CanarySearch {
  const { search } = createSecretSearch(
    canaries.flatMap(({ label, value }) => [
      { label: `${label} whole`, secret: Secret.of(value) },
      ...piecesOf(value.slice(-34)).map((piece) => ({ label: `${label} piece`, secret: Secret.of(piece) })),
    ]),
  );
  const hitsIn = (bytes: Uint8Array, form?: "dump") =>
    search(bytes).map((hit): CanaryHit => {
      const [label = "", extent] = hit.label.split(" ");
      return { label, form: form ?? hit.form, isPiece: extent === "piece" };
    });

  return {
    search(bytes) {
      const dumps = dumpsIn(bytes);
      return mostComplete([...hitsIn(bytes), ...dumps.flatMap((dump) => hitsIn(dump, "dump"))]);
    },
  };
}

/** Buffers as Node prints them, which is how its own debug output shows what went over a socket or a pipe. */
function dumpsIn(bytes: Uint8Array): readonly Buffer[] {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  return [...text.matchAll(DUMP)].map(([, hex = ""]) => Buffer.from(hex.replaceAll(" ", ""), "hex"));
}

function mostComplete(hits: readonly CanaryHit[]): readonly CanaryHit[] {
  const found = new Map<string, CanaryHit>();
  for (const hit of hits) {
    const name = `${hit.label} ${hit.form}`;
    if (!found.has(name) || !hit.isPiece) found.set(name, hit);
  }
  return [...found.values()];
}

function piecesOf(text: string): readonly string[] {
  return Array.from({ length: text.length - PIECE + 1 }, (_, start) => text.slice(start, start + PIECE));
}

function letters(count: number): string {
  return Array.from({ length: count }, () => LETTERS[randomInt(LETTERS.length)]).join("");
}
