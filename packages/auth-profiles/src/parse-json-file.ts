import { isUtf8 } from "node:buffer";
import { AuthProfileError } from "./errors.ts";
import { findJsonFault } from "./json-fault.ts";
import { parseJsonTree, type JsonNode } from "./json-tree.ts";

/**
 * Parses a file's bytes; a byte order mark is accepted.
 *
 * @throws {AuthProfileError} `store-malformed` with line and column. The parser's own error is not
 * its cause, for it quotes the text, and the text holds secrets.
 */
export function parseJsonFile(path: string, bytes: Buffer): unknown {
  const text = decode(path, bytes);
  try {
    return JSON.parse(text);
  } catch {
    throw malformed(`${path} is not valid JSON ${describePosition(text, findJsonFault(text) ?? text.length)}`);
  }
}

/**
 * Parses a file's bytes so that they can be written again without loss.
 *
 * @throws {AuthProfileError} `store-malformed` as {@link parseJsonFile}, and also where a name occurs
 * twice in one object: reading takes the last, and writing would lose the others.
 */
export function parseJsonFileAsTree(path: string, bytes: Buffer): JsonNode {
  parseJsonFile(path, bytes);
  const text = decode(path, bytes);
  const tree = parseJsonTree(text);
  if (!("problem" in tree)) return tree;
  throw malformed(`${path} cannot be changed without loss: ${tree.problem} ${describePosition(text, tree.index)}`);
}

function decode(path: string, bytes: Buffer): string {
  const text = bytes.toString("utf8");
  if (!isUtf8(bytes)) throw malformed(`${path} is not UTF-8 text at byte ${firstDifference(bytes, Buffer.from(text))}`);
  return text.replace(/^\uFEFF/, "");
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
