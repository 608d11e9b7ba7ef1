import { inspect } from "node:util";
import { expect, test } from "vitest";
import { createCanary, createCanarySearch } from "./canary.ts";

const [canary, other] = [createCanary("one"), createCanary("two")];
const { search } = createCanarySearch([canary, other]);
const bytes = Buffer.from(canary.value);

test.each([
  ["plain", canary.value],
  ["json", JSON.stringify({ key: canary.value }).replaceAll("/", String.raw`\/`)],
  ["percent", `?key=${encodeURIComponent(canary.value)}`],
  ["hex", bytes.toString("hex")],
  ["base64", Buffer.from(`Basic user:${canary.value}`).toString("base64")],
  ["base64", Buffer.from(`x${canary.value}`).toString("base64")],
  ["base64", Buffer.from(`xy${canary.value}`).toString("base64")],
  ["utf16le", Buffer.from(canary.value, "utf16le")],
  ["dump", inspect(bytes)],
])("finds a canary in form %s among other text", (form, written) => {
  const text = Buffer.concat([Buffer.from("before "), Buffer.from(written), Buffer.from(" after")]);
  const hits = search(text);
  expect(hits.map(({ label }) => label)).toContain("one");
  expect(hits.map(({ label }) => label)).not.toContain("two");
  expect(hits.map((hit) => hit.form)).toContain(form);
});

test("finds a piece of a canary, as a mask that shows some characters leaves it", () => {
  expect(search(Buffer.from(`key: ...${canary.value.slice(-10)}`))).toEqual([{ label: "one", form: "plain", isPiece: true }]);
});

test("a label is no leak, and other text is none", () => {
  expect(search(Buffer.from("test-canary-one- AAAA test-canary-two #deadbeef"))).toEqual([]);
});

test("no two canaries are the same", () => {
  expect(createCanary("one").value).not.toBe(canary.value);
});
