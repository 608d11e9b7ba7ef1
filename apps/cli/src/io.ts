import { stripVTControlCharacters } from "node:util";
import type { Secret } from "@openclaw/secrets";

/** Where a command writes: data to `out`, talk to `err`. */
export interface Io {
  out(text: string): void;
  err(text: string): void;
  /** Writes a secret that a person asked for by name. Nothing else writes one. */
  secret(secret: Secret): void;
}

/** Text from files and providers, made safe to print: no escape sequence, no control character, no bidi trick. */
export function printable(text: string): string {
  return stripVTControlCharacters(text).replaceAll(/[\p{Cc}\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu, " ");
}

export interface StandardStreams {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
}

/** Writes lines to the standard streams. A reader that went away (`| head`) is no error. */
export function standardIo(streams: StandardStreams): Io {
  for (const stream of [streams.stdout, streams.stderr]) stream.on("error", () => undefined);
  return {
    out: (text) => void streams.stdout.write(`${text}\n`),
    err: (text) => void streams.stderr.write(`${text}\n`),
    secret: (secret) => void streams.stdout.write(`${secret.reveal()}\n`),
  };
}
