import type { JsonDialect } from "./edit-json/document.ts";
import { createDraft, type Draft } from "./edit-json/draft.ts";
import { insertMember, replaceValue } from "./edit-json/insert.ts";
import { findPlace, pathText, type Place } from "./edit-json/place.ts";
import { removeChild } from "./edit-json/remove.ts";
import type { JsonValue } from "./edit-json/render.ts";
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
  if (changes.length === 0) return text;
  const mark = text.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK : "";
  const before = text.slice(mark.length);
  const start = before.trim() === "" ? "{}\n" : before;
  // Parsed once: a change costs what it changes, however long the text is and however many there are.
  const draft = createDraft(start, dialect);
  for (const change of changes) {
    if ("remove" in change) remove(draft, change.path);
    else set(draft, change.path, change.value);
  }
  const after = draft.finish();
  return after === start ? text : mark + after;
}

function set(draft: Draft, path: readonly string[], value: JsonValue): void {
  const place = placeIn(draft, path);
  if (place.kind === "blocked") throw new HomeError("json-path-refused", `${pathText(path)} cannot be set: ${place.reason}`);
  if (place.kind === "there") return replaceValue(draft, place.container, place.child, value);
  const [name = "", ...deeper] = place.rest;
  const nested = deeper.reduceRight<JsonValue>((inner, segment) => ({ [segment]: inner }), value);
  insertMember(draft, place.container, name, nested);
}

function remove(draft: Draft, path: readonly string[]): void {
  const place = placeIn(draft, path);
  if (place.kind === "there") removeChild(draft, place.container, place.child);
}

function placeIn(draft: Draft, path: readonly string[]): Place {
  return findPlace(draft.root, path, (object, name) => draft.membersOf(object).named(name));
}
