import { Secret } from "@openclaw/secrets";
import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ID, refreshBench } from "../../system/refresh-bench.ts";
import { plainProvider } from "../normalize-provider.ts";
import type { OAuthProfile } from "../profile.ts";
import { knownAccount } from "./account-lock.ts";
import { adoptable, findCopies, otherStores, spendable, type LoginCopy } from "./login-copies.ts";

async function copiesOf(agents: readonly string[], bench: Awaited<ReturnType<typeof refreshBench>>): Promise<readonly string[]> {
  const own: LoginCopy = { id: ID, profile: await bench.login("own"), storage: bench.storage("own") };
  const account = knownAccount(own.profile, plainProvider) ?? "refresh-of-a-place";
  const siblings = agents.map((agent) => bench.storage(agent));
  const copies = await findCopies({ own, account, siblings, normalizeProvider: plainProvider });
  return copies.map(({ id, profile }) => `${id} ${profile.access?.reveal()}`);
}

describe("the copies of a login", () => {
  test("are the own, those beside it and those of others", async () => {
    const bench = await refreshBench();
    const entry = { type: "oauth", provider: "acme", accountId: "account-one" };
    await bench.home.write("own/auth-profiles.json", {
      profiles: {
        "acme:first": { ...entry, access: "beside" },
        [ID]: { ...entry, access: "own" },
        "acme:key": { ...entry, type: "api_key" },
      },
    });
    await bench.store("other", { provider: " ACME ", access: "other" }, "acme:other");
    expect(await copiesOf(["other", "missing"], bench)).toEqual([`${ID} own`, "acme:first beside", "acme:other other"]);
  });

  test("are only of the same account, and hold no references", async () => {
    const bench = await refreshBench();
    await bench.store("own", { access: "own" });
    await bench.store("two", { access: "two", accountId: "account-two" });
    await bench.store("nameless", { access: "nameless", accountId: undefined });
    await bench.store("foreign", { access: "foreign", provider: "other" });
    await bench.store("odd", { access: "odd", tokenRef: { source: "env", provider: "default", id: "X" } });
    await bench.home.write("torn/auth-profiles.json", "{");
    expect(await copiesOf(["two", "nameless", "foreign", "odd", "torn"], bench)).toEqual([`${ID} own`]);
  });

  test.each([
    ["does not say whose it is", { accountId: undefined }],
    ["says it in another way", { accountId: undefined, email: "a@acme.test" }],
  ])("of a login that %s are those with its refresh token", async (_what, facts) => {
    const bench = await refreshBench();
    await bench.store("own", { access: "own", refresh: "test-refresh-one", ...facts });
    await bench.store("same", { access: "same", refresh: "test-refresh-one" });
    await bench.store("two", { access: "two", refresh: "test-refresh-two", accountId: undefined });
    await bench.store("none", { access: "none", accountId: undefined });
    await bench.store("foreign", { access: "foreign", refresh: "test-refresh-one", provider: "other" });
    expect(await copiesOf(["same", "two", "none", "foreign"], bench)).toEqual([`${ID} own`, `${ID} same`]);
  });
});

test("each store counts once, whatever paths lead to it, and the own one not at all", async () => {
  const bench = await refreshBench();
  for (const agent of ["own", "other"]) {
    await bench.store(agent, { access: agent });
    await symlink(join(bench.home.path, agent), join(bench.home.path, `${agent}-link`));
  }
  const siblings = ["own", "own-link", "other", "other-link", "other"].map((agent) => bench.storage(agent));
  expect(await otherStores(bench.storage("own"), siblings)).toEqual([bench.storage("other")]);
});

const storage = { storePath: "/store", read: reject, update: reject, probe: reject, realPath: reject };
const copy = (id: string, profile: Partial<OAuthProfile>): LoginCopy => ({
  id,
  storage,
  profile: { type: "oauth", provider: "acme", ...profile },
});

const one = Secret.of("test-refresh-one");
const two = Secret.of("test-refresh-two");
const three = Secret.of("test-refresh-three");

test.each([
  [
    "the one that ends last, and then the own one",
    [copy("own", { refresh: one, expires: 1 }), copy("later", { refresh: two, expires: 2 })],
    ["later", "own"],
  ],
  [
    "the own one of those that end at once",
    [copy("own", { refresh: one, expires: 2 }), copy("other", { refresh: two, expires: 2 })],
    ["own", "other"],
  ],
  [
    "the own one before others, if it is not the first",
    [copy("own", { refresh: one, expires: 1 }), copy("later", { refresh: two, expires: 2 }), copy("last", { refresh: three, expires: 3 })],
    ["last", "own", "later"],
  ],
  [
    "each token once, of the copy that ends last",
    [copy("own", { refresh: one, expires: 1 }), copy("later", { refresh: one, expires: 2 })],
    ["later"],
  ],
  [
    "one with a known end before one without",
    [copy("own", { refresh: one }), copy("other", { refresh: two, expires: 1 })],
    ["other", "own"],
  ],
  ["none without a refresh token", [copy("own", { expires: 9 })], []],
  ["none that holds references", [copy("own", { refresh: one, forbiddenRefs: ["token"] })], []],
])("%s: this is the order in which tokens are tried", (_which, copies, ids) => {
  expect(spendable(copies).map(({ id }) => id)).toEqual(ids);
});

test.each([
  [
    "the good ones, that which ends last first",
    [copy("own", { expires: 1 }), copy("good", { expires: 2 }), copy("best", { expires: 3 })],
    ["best", "good"],
  ],
  ["none that ends before the own one", [copy("own", { expires: 5 }), copy("older", { expires: 4 })], []],
  ["none that is not good", [copy("own", { expires: 0 }), copy("bad", { expires: 1 })], []],
])("%s may be taken over", (_which, copies, ids) => {
  expect(adoptable(copies, ({ expires }) => typeof expires === "number" && expires > 1).map(({ id }) => id)).toEqual(ids);
});

async function reject(): Promise<never> {
  throw new Error("nothing is read here");
}
