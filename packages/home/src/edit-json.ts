import { isDeepStrictEqual } from "node:util";
import { evaluate } from "@humanwhocodes/momoa";
import { parseDocument, valueOf, type JsonDialect, type JsonDocument } from "./edit-json/document.ts";
import { insertMember, replaceValue } from "./edit-json/insert.ts";
import { findPlace, pathText } from "./edit-json/place.ts";
import { removeChild } from "./edit-json/remove.ts";
import type { JsonValue } from "./edit-json/render.ts";
import type { TextEdit } from "./edit-json/text.ts";
import { HomeError } from "./errors.ts";

export type { JsonDialect, JsonValue };

/** One change of a JSON document. A segment of `path` is the name of a member, or the index of an element. */
export type JsonChange =
  | { readonly path: readonly string[]; readonly value: JsonValue }
  | { readonly path: readonly string[]; readonly remove: true };

const BYTE_ORDER_MARK = "\uFEFF";

/**
 * Changes a JSON or JSON5 text where the changes say, and leaves every byte elsewhere as it is: comments,
 * order, quotes, indentation, trailing commas, spellings of numbers, line ends, byte order mark. The changes
 * are made one after the other.
 *
 * Setting makes the objects that are missing on the way, and may append to an array. A new member looks like
 * its siblings. What has that value already stays as it is spelled. Removing what is not there changes nothing.
 * A removed member takes its comma, its line and the comments on its own line along, for they may describe
 * or quote what was removed; comments on the lines above and below stay. An empty text, as that of a missing
 * file, counts as `{}`.
 *
 * @throws {HomeError} `json-invalid` when the text cannot be parsed; `json-path-refused` when a name on the way occurs
 * twice (which of the two counts is not for us to guess), or the way leads through what has no members. Both name
 * the place and never what stands there.
 *
 * @example
 * editJson(text, [{ path: ["profiles", "openai:default", "key"], remove: true }], "json");
 */
export function editJson(text: string, changes: readonly JsonChange[], dialect: JsonDialect): string {
  const mark = text.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK : "";
  const before = text.slice(mark.length);
  const start = before.trim() === "" ? "{}\n" : before;
  const after = changes.reduce((current, change) => editOnce(current, change, dialect), start);
  if (after === start) return text;
  // What was written must be readable: a fault here is ours, and must not reach the file.
  parseDocument(after, dialect);
  return mark + after;
}

function editOnce(text: string, change: JsonChange, dialect: JsonDialect): string {
  const document = parseDocument(text, dialect);
  const edits = "remove" in change ? removal(document, change.path) : setting(document, change.path, change.value);
  // In the order of the text; of those at one place the first given comes first.
  const pieces: string[] = [];
  let at = 0;
  for (const edit of edits.toSorted((left, right) => left.start - right.start)) {
    pieces.push(text.slice(at, edit.start), edit.text);
    at = edit.end;
  }
  return pieces.join("") + text.slice(at);
}

function setting(document: JsonDocument, path: readonly string[], value: JsonValue): readonly TextEdit[] {
  const place = findPlace(document.root, path);
  if (place.kind === "blocked") throw new HomeError("json-path-refused", `${pathText(path)} cannot be set: ${place.reason}`);
  if (place.kind === "there") {
    const current = valueOf(place.child);
    return isDeepStrictEqual(evaluate(current), value) ? [] : [replaceValue(document, place.container, place.child, value)];
  }
  const [name = "", ...deeper] = place.rest;
  const nested = deeper.reduceRight<JsonValue>((inner, segment) => ({ [segment]: inner }), value);
  return insertMember(document, place.container, name, nested);
}

function removal(document: JsonDocument, path: readonly string[]): readonly TextEdit[] {
  const place = findPlace(document.root, path);
  return place.kind === "there" ? removeChild(document, place.container, place.child) : [];
}
