import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, test } from "vitest";
import type * as authProfiles from "../packages/auth-profiles/src/index.ts";
import type * as secrets from "../packages/secrets/src/index.ts";

// Loaded by Node itself: vitest turns every use of an import into a getter call.
const require = createRequire(import.meta.url);
const { createAuthProfiles, createFileStorage, orderProfiles }: typeof authProfiles = require("../packages/auth-profiles/src/index.ts");
const { createSecretResolver, Secret }: typeof secrets = require("../packages/secrets/src/index.ts");

const PROFILES = 10_000;
const PROVIDERS = 20;

const folder = mkdtempSync(join(tmpdir(), "openclaw-bench-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const text = `${JSON.stringify(
  {
    version: 1,
    profiles: Object.fromEntries(
      Array.from({ length: PROFILES }, (_, index) => {
        const provider = `provider-${index % PROVIDERS}`;
        const login = { access: `test-access-${"x".repeat(200)}${index}`, refresh: `test-refresh-${index}`, expires: 4_000_000_000_000 };
        const kind = index % 4 === 0 ? { type: "oauth", ...login } : { type: "api_key", key: `test-key-${"x".repeat(80)}${index}` };
        return [`${provider}:${index}`, { ...kind, provider, email: `user-${index}@example.com` }];
      }),
    ),
    usageStats: Object.fromEntries(
      Array.from({ length: PROFILES }, (_, index) => [`provider-${index % PROVIDERS}:${index}`, { lastUsed: index }]),
    ),
  },
  undefined,
  2,
)}\n`;
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

test(`the next candidate of ${PROFILES / PROVIDERS} for a provider among ${PROFILES}, beside JSON.parse of the text`, async ({ bench }) => {
  const storage = createFileStorage({ storePath });
  const store = await storage.read();
  const normalizeProvider = (name: string) => name;
  const set = await createAuthProfiles({ storage, secrets: createSecretResolver({ env: {} }) }).read();
  await bench.compare(
    bench("floor: JSON.parse of the text", () => void JSON.parse(text)),
    bench("the order alone", () => void orderProfiles({ store, config: {}, provider: "provider-1", now: 1, normalizeProvider })),
    bench("the candidates, the first resolved", async () => {
      const { candidates } = set.candidates({ provider: "provider-1", hosts: ["https://api.example.com"] });
      await candidates[0]?.resolve({});
    }),
    { time: 800, warmupTime: 200 },
  );
});
