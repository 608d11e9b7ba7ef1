import { isUtf8 } from "node:buffer";
import { AuthProfileError } from "./errors.ts";
import { findJsonFault } from "./json-fault.ts";

/**
 * Parses a file's bytes; a byte order mark is accepted.
 *
 * @throws {AuthProfileError} `store-malformed` with line and column. The parser's own error is not
 * its cause, for it quotes the text, and the text holds secrets.
 */
export function parseJsonFile(path: string, bytes: Buffer): unknown {
  const text = bytes.toString("utf8").replace(/^\uFEFF/, "");
  if (!isUtf8(bytes)) throw malformed(`${path} is not UTF-8 text at byte ${firstDifference(bytes, Buffer.from(bytes.toString("utf8")))}`);
  try {
    return JSON.parse(text);
  } catch {
    throw malformed(`${path} is not valid JSON ${describePosition(text, findJsonFault(text) ?? text.length)}`);
  }
}

function malformed(message: string): AuthProfileError {
  return new AuthProfileError("store-malformed", message, { hint: "repair the file or restore a backup; it has been left as it is" });
}

function describePosition(text: string, index: number): string {
  const lines = text.slice(0, index).split("\n");
  return `at line ${lines.length}, column ${(lines.at(-1) ?? "").length + 1}`;
}

/** Where text that was decoded and encoded again departs from its source: the first byte that is not UTF-8. */
function firstDifference(bytes: Buffer, encoded: Buffer): number {
  const index = bytes.findIndex((byte, at) => byte !== encoded[at]);
  return index === -1 ? bytes.length : index;
}
