import * as fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { createCanary, findCanary } from "./canary.ts";
import { createTempHome, type TempHome } from "./temp-home.ts";

const homes: TempHome[] = [];
afterEach(async () => {
  for (const home of homes.splice(0)) await home.remove();
});

const forms = async (canary: string, text: string | Uint8Array, minPiece?: number) =>
  (await findCanary(canary, { texts: { text } }, minPiece === undefined ? {} : { minPiece })).map((finding) => finding.form);

test("makes a new value each time, with its label", () => {
  expect(createCanary("work")).toMatch(/^test-canary-work-[0-9a-z]{30}$/);
  expect(createCanary("work")).not.toBe(createCanary("work"));
});

describe("finds a value", () => {
  const canary = 'test "key"/one+ä';
  const bytes = Buffer.from(canary);
  test.each<[string, string | Uint8Array]>([
    ["plain", `token=${canary};`],
    ["plain", Buffer.concat([Buffer.from([0xff, 0xfe]), bytes])],
    ["json", JSON.stringify({ token: canary })],
    ["percent", `?key=${encodeURIComponent(canary)}`],
    ["percent", bytes.toString("hex").replaceAll(/../g, "%$&").toUpperCase()],
    ["hex", bytes.toString("hex").toUpperCase()],
  ])("as %s", async (form, text) => {
    expect(await forms(canary, text)).toEqual([form]);
  });

  test("in base64 wherever it stands among other bytes", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 9 }), fc.uint8Array({ maxLength: 9 }), async (before, after) => {
        const whole = Buffer.concat([before, bytes, after]);
        expect((await forms(canary, whole.toString("base64"), Infinity)).length).toBe(1);
        expect((await forms(canary, whole.toString("base64url"), Infinity)).length).toBe(1);
      }),
    );
  });

  test("as any piece that is long enough", async () => {
    const value = createCanary("work");
    expect(await forms(value, value.slice(-8))).toEqual(["piece"]);
    expect(await forms(value, value.slice(-7))).toEqual([]);
    expect(await forms(value, value.slice(-4), 4)).toEqual(["piece"]);
    expect(await forms(value, value.slice(-20), Infinity)).toEqual([]);
  });
});

test("takes neither another canary nor the label for this one", async () => {
  expect(await forms(createCanary("a-long-label"), createCanary("a-long-label"))).toEqual([]);
});

test("searches files, hidden and nested, and their names", async () => {
  const canary = createCanary("disk");
  const home = await createTempHome({
    ".openclaw/agents/main/auth-profiles.json.bak": { key: canary },
    [`${canary}.tmp`]: "",
    "clean.txt": "nothing",
  });
  homes.push(home);
  const found = await findCanary(canary, { texts: { stdout: "clean", stderr: canary }, folders: [home.path] });
  expect(found.map((finding) => finding.where.replace(`${home.path}/`, "")).toSorted()).toEqual(
    [".openclaw/agents/main/auth-profiles.json.bak", `${canary}.tmp`, "stderr"].toSorted(),
  );
});
