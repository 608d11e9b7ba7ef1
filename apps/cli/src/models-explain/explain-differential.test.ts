import { openHome, resolvePaths, unusableCredential } from "@openclaw/home";
import { rotate } from "@openclaw/key-rotation";
import { Secret } from "@openclaw/secrets";
import { createTempHome, manualClock } from "@openclaw/testkit";
import fc from "fast-check";
import { expect, test } from "vitest";
import { explainModel } from "./explain-model.ts";
import { knownHealth } from "./known-health.ts";

const clock = manualClock();
const NOW = clock.now();
const MODEL = "m";
const STORE = ".openclaw/agents/main/agent/auth-profiles.json";
const STATE = ".openclaw/agents/main/agent/auth-state.json";
const ids = ["anthropic:a", "anthropic:b", "anthropic:c", "anthropic:d"] as const;

const key = (value: string) => ({ type: "api_key", provider: "anthropic", key: value });
const token = (value: string, expires?: number) => ({
  type: "token",
  provider: "anthropic",
  token: value,
  ...(expires !== undefined && { expires }),
});
const SALT = "ab".repeat(32);
const idOf = (value: string) => Secret.of(value).fingerprint(Buffer.from(SALT, "hex"));

const secret = fc.constantFrom("test-key-1", "test-key-2", "test-key-3", "sk-ant-oat01-test");
const profile = fc.oneof(
  { weight: 4, arbitrary: secret.map(key) },
  { weight: 3, arbitrary: secret.map((value) => token(value)) },
  { weight: 2, arbitrary: fc.constant(key("${NO_KEY}")) },
  fc.constantFrom(
    token("test-key-4", NOW + 5),
    token("test-key-5", NOW - 5),
    key(" "),
    key("${SOME_KEY}"),
    { type: "oauth", provider: "anthropic", access: "test-access", expires: NOW + 5 },
    { type: "oauth", provider: "anthropic", access: "test-access", expires: NOW - 5 },
    { type: "api_key", provider: "openai", key: "test-key-6" },
  ),
);
const window = fc.record({
  until: fc.constantFrom(NOW - 5, NOW + 5, NOW + 50, NOW + 500_000),
  reason: fc.constantFrom("rate_limit", "billing"),
  count: fc.integer({ min: 1, max: 3 }),
});
const windows = fc.dictionary(fc.constantFrom("*", MODEL, "other"), window, { maxKeys: 2 });
const rarely = <T>(from: fc.Arbitrary<T>) => fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: from });
const some = <T>(from: fc.Arbitrary<T>) => fc.option(from, { nil: undefined });

const scene = fc.record({
  profiles: fc.dictionary(fc.constantFrom(...ids), profile, { maxKeys: 4 }),
  storeOrder: rarely(fc.shuffledSubarray([...ids])),
  configOrder: rarely(fc.shuffledSubarray([...ids])),
  state: fc.dictionary(fc.constantFrom(...ids), fc.record({ windows, lastUsed: fc.nat(NOW) }), { maxKeys: 3 }),
  keyWindows: fc.array(windows, { maxLength: 2 }),
  env: fc.dictionary(fc.constantFrom("ANTHROPIC_API_KEY", "ANTHROPIC_API_KEY_2", "ANTHROPIC_API_KEYS"), secret, { maxKeys: 3 }),
  live: rarely(fc.constant("test-key-live")),
  configKey: some(fc.constantFrom("test-key-1", "test-key-7", "${ANTHROPIC_API_KEY}", "${NO_KEY}")),
  strategy: fc.constantFrom("ordered", "fill-first", "least-used", "most-headroom"),
  bucket: some(fc.constant("team")),
  billingCrossing: some(fc.constantFrom("allow", "refuse")),
  pins: some(fc.constantFrom("strict", "prefer")),
  pin: rarely(fc.constantFrom(...ids)),
  session: some(fc.constantFrom("one", "two", "three")),
  limit: some(fc.nat(2)),
});
type Scene = typeof scene extends fc.Arbitrary<infer T> ? T : never;

function filesOf(scene: Scene): Readonly<Record<string, string | object>> {
  const { profiles, storeOrder, configOrder, state, keyWindows, configKey, strategy, bucket, billingCrossing, pins, limit } = scene;
  const limits = bucket === undefined ? {} : { "anthropic:a": { bucket }, ANTHROPIC_API_KEY: { bucket } };
  const keyIds = Object.values(scene.env).map(idOf);
  const ofKeys = keyIds.flatMap((id, index) => (keyWindows[index] ? [[id, { windows: keyWindows[index] }]] : []));
  return {
    [STORE]: { version: 1, profiles, ...(storeOrder && { order: { anthropic: storeOrder } }) },
    ".openclaw/fingerprint-salt": SALT,
    [STATE]: {
      version: 1,
      credentials: {
        ...state,
        ...Object.fromEntries(ofKeys),
        ...(bucket && keyWindows[0] && { [`bucket:anthropic:${bucket}`]: { windows: keyWindows[0] } }),
      },
    },
    ".openclaw/openclaw.json": {
      auth: {
        ...(configOrder && { order: { anthropic: configOrder } }),
        ...(strategy && { strategies: { "*": strategy } }),
        ...(billingCrossing && { billingCrossing }),
        ...(pins && { pins }),
        credentials: limits,
        ...(limit !== undefined && { cooldowns: { rateLimitedProfileRotations: limit } }),
      },
      ...(configKey !== undefined && { models: { providers: { anthropic: { apiKey: configKey } } } }),
    },
  };
}

test("what is explained as asked first is what a request asks first", async () => {
  const folder = await createTempHome();
  const seen = { served: 0, refused: 0 };
  try {
    await fc.assert(
      fc.asyncProperty(scene, async (drawn) => {
        const env = {
          ...folder.env,
          ...drawn.env,
          SOME_KEY: "test-key-some",
          ...(drawn.live && { OPENCLAW_LIVE_ANTHROPIC_KEY: drawn.live }),
        };
        const open = () => openHome({ paths: resolvePaths({ env, osHome: folder.path, cwd: folder.path }), env, clock, use: "inspect" });
        for (const [file, content] of Object.entries(filesOf(drawn))) await folder.write(file, content);
        const home = await open();

        const text = drawn.pin === undefined ? `anthropic/${MODEL}` : `anthropic/${MODEL}@${drawn.pin}`;
        const known = await knownHealth(home.current, clock);
        const { models, isUsableNow } = explainModel(home.current, {
          text,
          agentId: undefined,
          session: drawn.session === undefined ? undefined : { key: drawn.session, id: drawn.session },
          now: NOW,
          ...known,
        });

        const request = await open();
        const { health } = await knownHealth(request.current, clock);
        let asked: string | undefined;
        const answer = Promise.resolve().then(() => {
          const plan = request.plan({ provider: "anthropic", model: MODEL, ...(drawn.pin !== undefined && { profileId: drawn.pin }) });
          return rotate<string>(plan, async ({ id }) => (asked = id), {
            classify: (settled) => (settled.status === "rejected" ? unusableCredential(codeOf(settled.reason)) : undefined),
            advance: request.current.advance,
            health,
            ...(drawn.session !== undefined && drawn.pin === undefined && { session: drawn.session }),
          });
        });
        await answer.catch(() => undefined);
        seen[asked === undefined ? "refused" : "served"] += 1;
        expect([models[0]?.first, isUsableNow]).toEqual([asked ?? null, asked !== undefined]);
      }),
      { numRuns: 300 },
    );
  } finally {
    await folder.remove();
  }
  expect(Math.min(seen.served, seen.refused)).toBeGreaterThan(5);
});

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown";
}
