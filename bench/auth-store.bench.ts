import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, test } from "vitest";
import type * as authProfiles from "../packages/auth-profiles/src/index.ts";
import type * as secrets from "../packages/secrets/src/index.ts";

// Loaded by Node itself: vitest turns every use of an import into a getter call.
const require = createRequire(import.meta.url);
const { createAuthProfiles, createFileStorage, orderProfiles }: typeof authProfiles = require("../packages/auth-profiles/src/index.ts");
const { createSecretResolver, Secret }: typeof secrets = require("../packages/secrets/src/index.ts");

const PROFILES = 10_000;
const PROVIDERS = 20;
const NOW = 1_800_000_000_000;
const MINUTE = 60_000;

const folder = mkdtempSync(join(tmpdir(), "openclaw-bench-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const text = storeText(PROVIDERS);
const storePath = join(folder, "auth-profiles.json");
writeFileSync(storePath, text, { mode: 0o600 });

test(`a store of ${PROFILES} profiles, beside JSON.parse of its text`, async ({ bench }) => {
  const cached = createFileStorage({ storePath });
  await cached.read();
  const writing = createFileStorage({ storePath: join(folder, "written", "auth-profiles.json") });
  const store = await cached.read();
  await writing.update((draft) => {
    for (const [id, profile] of store.profiles) draft.put(id, profile);
  });
  let time = 1;
  let round = 0;
  await bench.compare(
    bench("floor: JSON.parse of the text", () => void JSON.parse(text)),
    bench("load, the file having changed", async () => {
      utimesSync(storePath, time, (time += 1));
      await cached.read();
    }),
    bench("load, the file as it was", async () => void (await cached.read())),
    bench("update of one profile, to the disk", async () => {
      const secret = Secret.of(`test-key-${(round += 1)}`);
      await writing.update((draft) => draft.put("provider-1:1", { type: "api_key", provider: "provider-1", secret }));
    }),
    { time: 1_500, warmupTime: 300 },
  );
});

describe.each([PROVIDERS, 1])(
  `the next candidate among ${PROFILES} profiles of %d providers, beside JSON.parse of their text`,
  (providers) => {
    const path = join(folder, `auth-profiles-${providers}.json`);
    const content = storeText(providers);
    writeFileSync(path, content, { mode: 0o600 });
    const storage = createFileStorage({ storePath: path });
    const hosts = ["https://api.example.com"];
    const normalizeProvider = (name: string) => name;
    const optionsOf = (clock: { now: () => number }) => ({ storage, secrets: createSecretResolver({ env: {} }), clock });
    const query = { provider: "provider-0", hosts, model: "test-model" };

    test("asked again and again", async ({ bench }) => {
      let now = NOW;
      const accounts = createAuthProfiles(optionsOf({ now: () => now }));
      const store = await storage.read();
      const set = await accounts.of({ agent: store });
      await bench.compare(
        bench("floor: JSON.parse of the text", () => void JSON.parse(content)),
        bench("the order alone, nothing kept", () => void orderProfiles({ ...query, store, config: {}, now, normalizeProvider })),
        bench("a set's first candidates, the first of them resolved", async () => {
          const fresh = await accounts.of({ agent: store });
          await fresh.candidates(query).candidates[0]?.resolve({});
        }),
        bench("the next ones, 1 ms later", async () => {
          now += 1;
          await set.candidates(query).candidates[0]?.resolve({});
        }),
        bench("the next ones, another preferred each time", async () => {
          now += 1;
          const preferred = `provider-0:${(now % (PROFILES / providers)) * providers}`;
          await set.candidates({ ...query, preferred }).candidates[0]?.resolve({});
        }),
        bench("the next ones, a cooldown having ended", async () => {
          now += MINUTE;
          await set.candidates(query).candidates[0]?.resolve({});
        }),
        { time: 800, warmupTime: 200 },
      );
    });
  },
);

/** Every fourth a login, every tenth in a cooldown: one of them ends each minute, for days. */
function storeText(providers: number): string {
  const ids = Array.from({ length: PROFILES }, (_, index) => `provider-${index % providers}:${index}`);
  const profiles = ids.map((id, index) => {
    const login = { access: `test-access-${"x".repeat(200)}${index}`, refresh: `test-refresh-${index}`, expires: 4_000_000_000_000 };
    const kind = index % 4 === 0 ? { type: "oauth", ...login } : { type: "api_key", key: `test-key-${"x".repeat(80)}${index}` };
    return [id, { ...kind, provider: `provider-${index % providers}`, email: `user-${index}@example.com` }] as const;
  });
  const stats = ids.map(
    (id, index) => [id, { lastUsed: index, ...(index % 10 === 0 && { cooldownUntil: NOW + index * MINUTE }) }] as const,
  );
  const store = { version: 1, profiles: Object.fromEntries(profiles), usageStats: Object.fromEntries(stats) };
  return `${JSON.stringify(store, undefined, 2)}\n`;
}
