import { callAsNobody, createTempHome, type TempHome } from "@openclaw/testkit";
import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { probeStoreFile } from "./probe-store-file.ts";

let home: TempHome;
beforeEach(async () => {
  home = await createTempHome({ "agent/auth-profiles.json": { profiles: {} } });
});
afterEach(() => home.remove());

test("a store that can be replaced is left as it is, and no file beside it", async () => {
  const before = await home.read("agent/auth-profiles.json");
  await probeStoreFile(join(home.path, "agent/auth-profiles.json"));
  expect(await home.list()).toEqual(["agent/auth-profiles.json"]);
  expect(await home.read("agent/auth-profiles.json")).toBe(before);
});

test("a store that is not there yet can be made, and is not", async () => {
  await probeStoreFile(join(home.path, "other/auth-profiles.json"));
  expect((await home.list()).filter((file) => file.includes("auth-profiles") && !file.startsWith("agent/"))).toEqual([]);
});

test("several at once do not disturb one another", async () => {
  const path = join(home.path, "agent/auth-profiles.json");
  await Promise.all([1, 2, 3, 4].map(() => probeStoreFile(path)));
  expect(await home.list()).toEqual(["agent/auth-profiles.json"]);
});

test("W2: a folder that cannot be written to is named, with the step, and stays as it is", async () => {
  await chmod(home.path, 0o755);
  await chmod(join(home.path, "agent"), 0o555);
  const path = join(home.path, "agent/auth-profiles.json");
  try {
    const { error } = await callAsNobody(new URL("probe-store-file.ts", import.meta.url), "probeStoreFile", [path]);
    expect(error).toMatchObject({ code: "store-unwritable", message: expect.stringContaining(path), hint: expect.any(String) });
    expect(await home.list()).toEqual(["agent/auth-profiles.json"]);
  } finally {
    await chmod(join(home.path, "agent"), 0o755);
  }
});

test("W2: what stands in the probe's place is an error, and stays", async () => {
  const path = join(home.path, "agent/auth-profiles.json");
  await mkdir(`${path}.probe`);
  await expect(probeStoreFile(path)).rejects.toMatchObject({ code: "store-unwritable" });
  expect(await home.list()).toEqual(["agent/auth-profiles.json", "agent/auth-profiles.json.probe/"]);
});
