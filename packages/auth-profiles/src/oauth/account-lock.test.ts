import { Secret } from "@openclaw/secrets";
import { createTempHome, type TempHome } from "@openclaw/testkit";
import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createFileStorage } from "../file-storage.ts";
import { plainProvider } from "../normalize-provider.ts";
import type { OAuthProfile } from "../profile.ts";
import { accountLockName, tokenLockName, tokenName } from "./account-lock.ts";

let home: TempHome;
beforeEach(async () => {
  home = await createTempHome();
});
afterEach(() => home.remove());

const nameOf = (facts: Partial<OAuthProfile>, { id = "acme:work", file = "auth-profiles.json", normalizeProvider = plainProvider } = {}) =>
  accountLockName({
    id,
    profile: { type: "oauth", provider: "acme", ...facts },
    storage: createFileStorage({ storePath: join(home.path, file) }),
    normalizeProvider,
  });

test("an account is one, whichever file and name hold it", async () => {
  const account = await nameOf({ accountId: "account-one", email: "a@acme.test" });
  expect(await nameOf({ accountId: "account-one" }, { id: "acme:other", file: "other/auth-profiles.json" })).toBe(account);
  expect(await nameOf({ accountId: "account-two" })).not.toBe(account);
  expect(await nameOf({ accountId: "ACCOUNT-ONE" })).not.toBe(account);
  expect(await nameOf({ provider: "other", accountId: "account-one" })).not.toBe(account);
});

test("without an id an address is one, in whatever case", async () => {
  const address = await nameOf({ email: "a@acme.test" });
  expect(await nameOf({ email: "A@Acme.Test" }, { id: "acme:other", file: "other/auth-profiles.json" })).toBe(address);
  expect(await nameOf({ email: "b@acme.test" })).not.toBe(address);
  expect(await nameOf({ accountId: "a@acme.test" })).not.toBe(address);
});

test("all spellings of a provider agree", async () => {
  const normalizeProvider = (provider: string) => plainProvider(provider).replace("z.ai", "zai");
  const names = ["z.ai", " ZAI ", "zai"].map((provider) => nameOf({ provider, accountId: "account-one" }, { normalizeProvider }));
  expect(new Set(await Promise.all(names)).size).toBe(1);
});

test("without either it is the place, links followed", async () => {
  await mkdir(join(home.path, "real"));
  await symlink(join(home.path, "real"), join(home.path, "link"));
  const place = await nameOf({}, { file: "real/auth-profiles.json" });
  expect(await nameOf({}, { file: "link/auth-profiles.json" })).toBe(place);
  await home.write("real/auth-profiles.json", {});
  await symlink(join(home.path, "real/auth-profiles.json"), join(home.path, "store.json"));
  expect(await nameOf({}, { file: "store.json" })).toBe(place);
  expect(await nameOf({}, { file: "real/auth-profiles.json", id: "acme:other" })).not.toBe(place);
  expect(await nameOf({}, { file: "elsewhere/auth-profiles.json" })).not.toBe(place);
});

test("the name tells nothing of whose it is", async () => {
  expect(await nameOf({ accountId: "account-one" })).toMatch(/^refresh-[0-9a-f]{64}$/);
});

describe("the name of a refresh token", () => {
  const nameOfToken = (value: string, provider = "acme") => tokenName(provider, Secret.of(value), plainProvider);

  test("is the same for all who hold it, and another for each token and provider", () => {
    const name = nameOfToken("test-refresh-one");
    expect(nameOfToken("test-refresh-one", " ACME ")).toBe(name);
    expect(nameOfToken("test-refresh-two")).not.toBe(name);
    expect(nameOfToken("test-refresh-one", "other")).not.toBe(name);
    expect(name).toMatch(/^token-[0-9a-f]{64}$/);
  });

  test("gives a lock, of which there are 256 for all tokens together", () => {
    const names = Array.from({ length: 5_000 }, (_, index) => nameOfToken(`test-refresh-${index}`));
    expect(new Set(names).size).toBe(5_000);
    expect(new Set(names.map(tokenLockName)).size).toBe(256);
  });
});
