import { createHmac, timingSafeEqual } from "node:crypto";
import { inspect } from "node:util";

const REDACTED = "[redacted]";

/**
 * A value that must not be seen. It prints, serialises and inspects as `[redacted]`; the only ways
 * back to the value are {@link Secret.reveal} and equality.
 *
 * The value is held as bytes, not as a string, so that a heap snapshot does not list it among strings.
 *
 * @example
 * const secret = Secret.of("test-key-one");
 * `${secret}`;      // "[redacted]"
 * secret.reveal();  // "test-key-one"
 */
export class Secret {
  readonly #bytes: Buffer;

  private constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  static of(value: string): Secret {
    return new Secret(Buffer.from(value, "utf8"));
  }

  /** The value itself. Call it where the value leaves the process or is written, and nowhere else. */
  reveal(): string {
    return this.#bytes.toString("utf8");
  }

  /** Whether the value begins with a public marker such as `sk-ant-oat`, without revealing it. */
  startsWith(prefix: string): boolean {
    const wanted = Buffer.from(prefix, "utf8");
    return this.#bytes.subarray(0, wanted.length).equals(wanted);
  }

  /** Compares in time that does not tell where the values differ. That they are of different lengths it may tell. */
  equals(other: Secret): boolean {
    const [own, others] = [this.#bytes, other.#bytes];
    return own.length === others.length && timingSafeEqual(own, others);
  }

  /**
   * A name for the value that holds none of its characters: `#` and the first 8 hex digits of
   * HMAC-SHA256(salt, value). The same value under another salt has another name.
   */
  fingerprint(salt: Uint8Array): string {
    return `#${createHmac("sha256", salt).update(this.#bytes).digest("hex").slice(0, 8)}`;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }
}

// Outside the class body: isolatedDeclarations takes no computed names.
Object.defineProperty(Secret.prototype, inspect.custom, { value: () => REDACTED });
