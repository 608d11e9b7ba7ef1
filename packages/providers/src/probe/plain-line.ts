import { stripVTControlCharacters } from "node:util";
import { findErrorRecords, readJson } from "../classify/error-records.ts";

/** Longer texts of others say nothing more. */
const LONGEST = 300;

/**
 * What somebody else wrote, in one line that is fit to print: no control or format character, and no word in which a
 * vendor left the ends of a key around asterisks.
 */
export function plainLine(text: string): string {
  const clean = stripVTControlCharacters(text)
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, " ")
    .replaceAll(/[^\s"'(]*\*{3,}[^\s"')]*/gu, "[redacted]")
    .trim();
  const letters = [...clean];
  return letters.length > LONGEST ? `${letters.slice(0, LONGEST).join("")}…` : clean;
}

/** What the body of an error says to people; nothing where it says nothing or is a web page. */
export function errorMessage(body: string): string {
  if (isPage(body)) return "";
  const { records } = findErrorRecords(readJson(body));
  const said = records.flatMap((record) => messageFields.map((field) => record[field]));
  const message = said.find((text) => typeof text === "string" && text.trim() !== "");
  return plainLine(typeof message === "string" ? message : body);
}

/** A web page: whoever wrote it is not the provider's interface. */
export function isPage(body: string): boolean {
  return /^\s*<(?:!doctype|!--|html|head|body|\?xml)/iu.test(body);
}

const messageFields = ["message", "msg", "detail", "error_description", "error", "errorMessage"];
