import { createLockFolder, type Clock, type Credential, type LockFolder, type Secret } from "@openclaw/secrets";
import {
  createTempHome,
  manualClock,
  startFakeIdp,
  type FakeIdp,
  type FakeIdpOptions,
  type ManualClock,
  type TempHome,
} from "@openclaw/testkit";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { createFileStorage, type ProfileStorage } from "../src/file-storage.ts";
import { createOAuthClient } from "../src/oauth/oauth-client.ts";
import { createRefresher, type Refresher, type RefresherOptions } from "../src/oauth/refresher.ts";
import type { OAuthProfile } from "../src/profile.ts";

export const ID = "acme:work";
export const HOUR_MS = 3_600_000;

/** A home, a provider, and agents whose logins are refreshed. */
export interface RefreshBench {
  readonly home: TempHome;
  readonly idp: FakeIdp;
  readonly clock: ManualClock;
  /** How long the code under test has slept, each time. */
  readonly slept: readonly number[];
  readonly locks: LockFolder;
  refresher(options?: Partial<RefresherOptions>): Refresher;
  storage(agent: string): ProfileStorage;
  /** Writes an agent's store with one login; `id` and all fields as given. */
  store(agent: string, entry: object, id?: string): Promise<void>;
  login(agent: string, id?: string): Promise<OAuthProfile>;
  /** How many files the journal has. */
  notes(): Promise<number>;
}

export async function refreshBench(options: FakeIdpOptions = {}): Promise<RefreshBench> {
  const home = await createTempHome();
  onTestFinished(() => home.remove());
  const clock = manualClock();
  const idp = await startFakeIdp({ clock, ...options });
  onTestFinished(() => idp.close());
  const slept: number[] = [];
  const storages = new Map<string, ProfileStorage>();
  const fileOf = (agent: string) => join(agent, "auth-profiles.json");

  // The provider's answers take real time; only the refresher's pauses are on the manual clock.
  const waiting: Clock = {
    now: () => clock.now(),
    sleep: (_ms, signal) => new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason))),
  };
  const quick: Clock = {
    now: () => clock.now(),
    async sleep(ms) {
      slept.push(ms);
      clock.advance(ms);
    },
  };
  const client = createOAuthClient(
    { provider: "acme", tokenUrl: idp.tokenUrl, clientId: idp.clientId, accountClaim: ["account_id"] },
    { clock: waiting },
  );
  const locks = createLockFolder(join(home.path, "locks"));

  function storage(agent: string): ProfileStorage {
    const opened = storages.get(agent) ?? createFileStorage({ storePath: join(home.path, fileOf(agent)), locks });
    storages.set(agent, opened);
    return opened;
  }

  return {
    home,
    idp,
    clock,
    slept,
    locks,
    storage,
    refresher: (given = {}) =>
      createRefresher({
        clientFor: () => client,
        locks,
        journalDir: join(home.path, "refresh"),
        clock: quick,
        random: () => 0.5,
        siblings: () => [...storages.values()],
        ...given,
      }),
    store: (agent, entry, id = ID) =>
      home.write(fileOf(agent), { profiles: { [id]: { type: "oauth", provider: "acme", accountId: "account-one", ...entry } } }),
    async login(agent, id = ID) {
      const profile = (await storage(agent).read()).profiles.get(id);
      if (profile?.type !== "oauth") throw new Error(`no login ${id} of ${agent}`);
      return profile;
    },
    notes: async () => (await home.list()).filter((file) => file.startsWith("refresh/") && file.endsWith(".json")).length,
  };
}

/** A credential that a provider has refused. */
export const refused = (secret: Secret): Credential => ({
  id: ID,
  provider: "acme",
  origin: "test",
  billing: "subscription",
  hosts: [],
  generation: 0,
  kind: "bearer",
  secret,
});
