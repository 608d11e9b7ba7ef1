import { createHash } from "node:crypto";
import { mayHold } from "./redactor/may-hold.ts";
import { asBuffer, createRedaction } from "./redactor/redaction.ts";
import { createTiers } from "./redactor/tiers.ts";
import type { Secret } from "./secret.ts";

/** Redacts a text that comes in chunks; a value split over any of them is found. */
export interface RedactionStream {
  /**
   * What can be given out now: everything but an end that may be the beginning of a value. Shares the
   * chunk's memory where nothing was found in it.
   */
  push(chunk: Uint8Array): Buffer;
  /** The rest. Call it also when the text is given up: until then, values withdrawn meanwhile are kept. */
  end(): Buffer;
}

/** Replaces known values, and no others, by `[redacted]`. */
export interface Redactor {
  /** How many values are redacted, those withdrawn but still held included. */
  readonly size: number;
  /** Redacts a value from now on, in open streams too. Returns how to withdraw it; each `add` counts. */
  add(secret: Secret): () => void;
  /** Whether a value was added and not withdrawn. */
  has(secret: Secret): boolean;
  /** The same string where nothing is found. */
  text(text: string): string;
  /** The same buffer where nothing is found. */
  bytes(bytes: Uint8Array): Buffer;
  stream(): RedactionStream;
  /** Keeps every value redacted that is now, whoever withdraws it, until the returned function is called. */
  hold(): () => void;
}

/** What a redactor looks for. */
export interface RedactorOptions {
  /** Values of fewer bytes are not looked for: they occur by chance. 1 unless given. */
  readonly minBytes?: number;
}

/**
 * Finds live values in whatever is about to be written or sent: as they are, percent- or JSON-escaped in
 * whole or in part, and in base64 or base64url at any alignment (so also in `Basic base64(user:value)`).
 * Values that overlap are covered together. A value of fewer than 8 bytes is found only where no letter or
 * digit touches it, and in base64 only from 5 bytes on. An empty one is ignored.
 *
 * Takes time linear in the text, whatever the text and the values.
 *
 * @example
 * const withdraw = redactor.add(credential.secret);
 * log.write(redactor.text(line));
 */
export function createRedactor({ minBytes = 1 }: RedactorOptions = {}): Redactor {
  const values = new Map<string, Value>();
  const withdrawn = new Set<string>();
  const holds = new Set<number>();
  let now = 0;
  const tiers = createTiers();

  function add(secret: Secret): () => void {
    if (Buffer.byteLength(secret.reveal()) < minBytes) return () => undefined;
    const key = keyOf(secret);
    const value = values.get(key) ?? { secret, count: 0, withdrawnAt: 0 };
    value.count += 1;
    withdrawn.delete(key);
    if (!values.has(key)) {
      values.set(key, value);
      tiers.add(key, secret);
    }
    return once(() => {
      value.count -= 1;
      if (value.count > 0) return;
      value.withdrawnAt = now += 1;
      withdrawn.add(key);
      forgetDrained();
    });
  }

  function hold(): () => void {
    const id = (now += 1);
    holds.add(id);
    return once(() => {
      holds.delete(id);
      forgetDrained();
    });
  }

  /** Forgets the withdrawn values that no open hold is older than. */
  function forgetDrained(): void {
    const [oldest = Infinity] = holds;
    for (const key of withdrawn) {
      if (oldest < (values.get(key)?.withdrawnAt ?? 0)) return;
      withdrawn.delete(key);
      values.delete(key);
      tiers.delete(key);
    }
  }

  function stream(): RedactionStream {
    const redaction = createRedaction(tiers.matchers);
    const release = hold();
    return {
      push: (chunk) => redaction.push(chunk),
      end: () => {
        const rest = redaction.finish(Buffer.alloc(0));
        release();
        return rest;
      },
    };
  }

  function bytes(bytes: Uint8Array): Buffer {
    return mayHold(tiers.matchers(), bytes) ? createRedaction(tiers.matchers).finish(bytes) : asBuffer(bytes);
  }

  return {
    get size() {
      return values.size;
    },
    add,
    has: (secret) => (values.get(keyOf(secret))?.count ?? 0) > 0,
    text(text) {
      const before = Buffer.from(text, "utf8");
      const after = bytes(before);
      return after === before ? text : after.toString("utf8");
    },
    bytes,
    stream,
    hold,
  };
}

interface Value {
  readonly secret: Secret;
  count: number;
  withdrawnAt: number;
}

const keys = new WeakMap<Secret, string>();

/** Not the value itself, so that a heap snapshot does not list it among strings. */
function keyOf(secret: Secret): string {
  const known = keys.get(secret);
  if (known !== undefined) return known;
  const key = createHash("sha256").update(secret.reveal()).digest("base64");
  keys.set(secret, key);
  return key;
}

function once(run: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) run();
    isDone = true;
  };
}
