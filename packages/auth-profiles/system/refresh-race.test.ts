import { lstat, readlink } from "node:fs/promises";
import { join } from "node:path";
import { Secret } from "@openclaw/secrets";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { createRequesterPool, SALT, type Requester } from "./refresh-requester.ts";
import { AGENTS, OLD_ACCESS, openScene, storeFileOf, type Layout, type Scene, type SceneOptions } from "./refresh-scene.ts";

const MOST = 50;
/** They compete for two cores. */
const LIMIT_MS = 120_000;
const pool = createRequesterPool();
let requesters: readonly Requester[];
beforeAll(async () => {
  requesters = await pool.start(MOST);
}, LIMIT_MS);
afterAll(() => pool.end());

async function open(options: SceneOptions): Promise<Scene> {
  const scene = await openScene(options);
  onTestFinished(() => scene.end());
  return scene;
}

const askTogether = (scene: Scene, count: number) =>
  Promise.all(requesters.slice(0, count).map((requester, index) => requester.ask(scene.ask(AGENTS[index % AGENTS.length]))));

const named = (token: string) => Secret.of(token).fingerprint(SALT);

describe("an account that has ended, for which many processes ask in the same moment", () => {
  test.each<readonly [number, Layout]>([
    [2, "read through"],
    [8, "read through"],
    [2, "links"],
    [8, "links"],
    [MOST, "one of each"],
  ])(
    "O1: %i processes of 3 agents that share a file (%s) make one token request, and all get what it gave",
    async (count, layout) => {
      const scene = await open({ layout });
      const outcomes = await askTogether(scene, count);
      const { access, refresh } = await scene.stored();
      expect(new Set(outcomes.map(({ token, code }) => token ?? code))).toEqual(new Set([access]));
      expect([scene.idp.tokenRequests(), scene.idp.reuses()]).toEqual([1, 0]);
      expect([access, refresh]).not.toEqual([named(OLD_ACCESS), named(scene.login.refresh)]);
      expect(JSON.parse(await scene.file())).toMatchObject({ future: { kept: true }, profiles: { "acme:work": { note: 1 } } });
      expect(await scene.leftovers()).toEqual(["state/refresh/"]);
      const agents = (await scene.home.list()).filter((file) => file.startsWith("agents/"));
      expect(agents).toEqual(
        layout === "read through"
          ? [storeFileOf("main")]
          : AGENTS.filter((agent) => layout === "links" || agent !== "work")
              .map(storeFileOf)
              .toSorted(),
      );
      for (const path of agents.slice(1)) {
        expect((await lstat(join(scene.home.path, path))).isSymbolicLink()).toBe(true);
        expect(await readlink(join(scene.home.path, path))).toBe(join(scene.home.path, storeFileOf("main")));
      }
    },
    LIMIT_MS,
  );

  test("O1: it is the lock that does it: without one, two of the same processes ask", async () => {
    const scene = await open({});
    scene.idp.script({ beforeSpending: scene.idp.waitForTokenRequests(2) });
    await Promise.all(requesters.slice(0, 2).map((requester) => requester.ask(scene.ask("main", { isLockless: true }))));
    expect(scene.idp.tokenRequests()).toBe(2);
    expect(scene.idp.reuses()).toBe(1);
  });

  test.each<readonly [number, Layout]>([
    [2, "copies"],
    [8, "copies behind main"],
    [MOST, "copies"],
    [2, "unnamed copies"],
    [8, "unnamed copies"],
  ])(
    "O2: %i processes of 3 agents whose files hold a copy each (%s) make one token request, and no copy is left with the spent token",
    async (count, layout) => {
      const scene = await open({ layout });
      const outcomes = await askTogether(scene, count);
      const { access } = await scene.stored();
      expect(new Set(outcomes.map(({ token, code }) => token ?? code))).toEqual(new Set([access]));
      expect([scene.idp.tokenRequests(), scene.idp.reuses()]).toEqual([1, 0]);

      const stored = await Promise.all(AGENTS.map((agent) => scene.stored(agent)));
      expect(new Set(stored.map((tokens) => JSON.stringify(tokens))).size).toBe(1);
      for (const agent of AGENTS) {
        const store: unknown = JSON.parse(await scene.file(agent));
        expect(store).toMatchObject({ future: { kept: true }, profiles: { "acme:work": { note: 1 } } });
        expect(Object.keys(Object(store).profiles)).toEqual(["acme:work"]);
      }
      expect((await scene.home.list()).filter((file) => file.startsWith("agents/"))).toHaveLength(3);
      expect(await scene.leftovers()).toEqual(["state/refresh/"]);
    },
    LIMIT_MS,
  );

  test("O2: a copy that is behind takes over the one that lives, without a request", async () => {
    const scene = await open({ layout: "copies" });
    const [first, second] = requesters;
    const { token } = (await first?.ask(scene.ask("main", { siblingPaths: [] }))) ?? {};
    expect(await second?.ask(scene.ask("work"))).toMatchObject({ token });
    expect([scene.idp.tokenRequests(), scene.idp.reuses()]).toEqual([1, 0]);
  });
});
