import { Secret } from "@openclaw/secrets";
import { createTempHome } from "@openclaw/testkit";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createFileStorage } from "./file-storage.ts";
import { otherNamesIn } from "./field-names.ts";

async function scene() {
  const home = await createTempHome();
  onTestFinished(() => home.remove());
  await home.write("auth-profiles.json", await readFile(new URL("../test/fixtures/other-field-names.json", import.meta.url), "utf8"));
  const json = async () => JSON.parse(await home.read("auth-profiles.json"));
  return { json, storage: createFileStorage({ storePath: join(home.path, "auth-profiles.json") }) };
}

test("34: known other names of fields are read, and each is said with its place", async () => {
  const { storage } = await scene();
  const { profiles, diagnostics } = await storage.read();
  const login = profiles.get("c:login");
  expect(login).toMatchObject({ expires: 1_900_000_000_000, accountId: "c-1" });
  expect(login?.type === "oauth" && [login.access?.reveal(), login.refresh?.reveal()]).toEqual(["test-access-c", "test-refresh-c"]);
  expect(profiles.get("a:ref")).toMatchObject({ ref: { source: "env", id: "A_KEY" } });
  expect(profiles.get("b:token")).toMatchObject({ expires: 1_900_000_000_000 });
  expect(diagnostics.map(({ code, message }) => [code, message.replace(/ is read.*/u, "")])).toEqual([
    ["FIELD_MISNAMED", "profiles.a:key.api_key"],
    ["FIELD_MISNAMED", "profiles.a:ref.key_ref"],
    ["FIELD_MISNAMED", "profiles.b:token.access_token"],
    ["FIELD_MISNAMED", "profiles.b:token.expires_at"],
    ["FIELD_MISNAMED", "profiles.c:login.accessToken"],
    ["FIELD_MISNAMED", "profiles.c:login.refreshToken"],
    ["FIELD_MISNAMED", "profiles.c:login.expiresAt"],
    ["FIELD_MISNAMED", "profiles.c:login.account_id"],
  ]);
});

test("22: an account that is changed gets the documented names, the others stay as they are", async () => {
  const { json, storage } = await scene();
  const before = await json();
  await storage.update((draft) =>
    draft.setTokens("c:login", {
      access: Secret.of("test-access-new"),
      refresh: Secret.of("test-refresh-new"),
      expiresAt: 1_950_000_000_000,
    }),
  );
  const after = await json();
  expect(after.profiles["c:login"]).toEqual({
    type: "oauth",
    provider: "c",
    access: "test-access-new",
    refresh: "test-refresh-new",
    expires: 1_950_000_000_000,
    accountId: "c-1",
  });
  expect({ ...after.profiles, "c:login": 0 }).toEqual({ ...before.profiles, "c:login": 0 });
});

test("a new value leaves no older one behind under another name", async () => {
  const { json, storage } = await scene();
  await storage.update((draft) => draft.put("a:key", { type: "api_key", provider: "a", secret: Secret.of("test-key-new") }));
  expect((await json()).profiles["a:key"]).toEqual({ type: "api_key", provider: "a", key: "test-key-new", x: 1 });
});

test.each([
  ["the documented name wins", { key: "a", apiKey: "b" }, []],
  ["null is no value", { key: null, apiKey: "b" }, ["apiKey"]],
  ["the first of two", { api_key: "c", apiKey: "b" }, ["apiKey"]],
  ["of another kind", { accessToken: "b" }, []],
])("%s", (_name, entry, names) => {
  expect(otherNamesIn("api_key", entry).map(({ written }) => written)).toEqual(names);
});

test("an expires that is null was meant to be a time, and stays one that is none", () => {
  expect(otherNamesIn("token", { expires: null, expiresAt: 5 })).toEqual([]);
});
