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

  test("of a login that does not say whose it is are none", async () => {
    const bench = await refreshBench();
    for (const agent of ["own", "other"]) await bench.store(agent, { access: agent, accountId: undefined });
    expect(await copiesOf(["other"], bench)).toEqual([`${ID} own`]);
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

const storage = { read: reject, update: reject, probe: reject, realPath: reject };
const copy = (id: string, profile: Partial<OAuthProfile>): LoginCopy => ({
  id,
  storage,
  profile: { type: "oauth", provider: "acme", ...profile },
});
const refresh = Secret.of("test-refresh");

test.each([
  ["the one that ends last", [copy("own", { refresh, expires: 1 }), copy("later", { refresh, expires: 2 })], "later"],
  ["the own one of those that end at once", [copy("own", { refresh, expires: 2 }), copy("other", { refresh, expires: 2 })], "own"],
  ["one with a known end before one without", [copy("own", { refresh }), copy("other", { refresh, expires: 1 })], "other"],
  ["none without a refresh token", [copy("own", { expires: 9 })], undefined],
  ["none that holds references", [copy("own", { refresh, forbiddenRefs: ["token"] })], undefined],
])("%s is refreshed", (_which, copies, id) => {
  expect(spendable(copies)?.id).toBe(id);
});

test.each([
  ["the good one that ends last", [copy("own", { expires: 1 }), copy("good", { expires: 2 }), copy("best", { expires: 3 })], "best"],
  ["none that ends before the own one", [copy("own", { expires: 5 }), copy("older", { expires: 4 })], undefined],
  ["none that is not good", [copy("own", { expires: 0 }), copy("bad", { expires: 1 })], undefined],
])("%s is taken over", (_which, copies, id) => {
  expect(adoptable(copies, ({ expires }) => typeof expires === "number" && expires > 1)?.id).toBe(id);
});

async function reject(): Promise<never> {
  throw new Error("nothing is read here");
}
