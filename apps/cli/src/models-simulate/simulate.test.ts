import { openHome, resolvePaths } from "@openclaw/home";
import { Secret } from "@openclaw/secrets";
import { createTempHome, MANUAL_CLOCK_START } from "@openclaw/testkit";
import { describe, expect, onTestFinished, test } from "vitest";
import { knownHealth } from "../models-explain/known-health.ts";
import { simulate, type SimulateQuery } from "./simulate.ts";
import { renderSimulation } from "../render/models-simulate.ts";
import { simulatedClock } from "./simulated-clock.ts";
import type { Simulation } from "./simulation.ts";

const NOW = MANUAL_CLOCK_START;
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const CONFIG = ".openclaw/openclaw.json";
const STORE = ".openclaw/agents/main/agent/auth-profiles.json";
const STATE = ".openclaw/agents/main/agent/auth-state.json";
const SALT = "ab".repeat(32);
const fingerprint = (value: string) => Secret.of(value).fingerprint(Buffer.from(SALT, "hex"));

const key = (value: string, provider = "anthropic") => ({ type: "api_key", provider, key: `test-key-${value}` });
const token = (value: string, expires?: number) => ({
  type: "token",
  provider: "anthropic",
  token: `test-token-${value}`,
  ...(expires !== undefined && { expires }),
});
const two = { "anthropic:work": key("work"), "anthropic:home": key("home") };
const inOrder = { order: { anthropic: ["anthropic:work", "anthropic:home"] } };

interface Scene {
  readonly profiles?: object;
  readonly store?: object;
  readonly state?: object;
  readonly config?: object;
  readonly env?: Readonly<Record<string, string>>;
}

type Query = Partial<Pick<SimulateQuery, "text" | "forMs" | "everyMs" | "session">>;

async function simulated(scene: Scene, faults: readonly string[], query: Query = {}): Promise<Simulation> {
  const folder = await createTempHome({
    [STORE]: { version: 1, profiles: scene.profiles ?? {}, ...scene.store },
    ...(scene.state && { [STATE]: { version: 1, credentials: scene.state } }),
    [CONFIG]: scene.config ?? {},
    ".openclaw/fingerprint-salt": SALT,
  });
  onTestFinished(() => folder.remove());
  const env = { ...folder.env, ...scene.env };
  const clock = simulatedClock(NOW);
  const fetch = () => Promise.reject(new Error("a simulation sent a request"));
  const home = await openHome({ paths: resolvePaths({ env, osHome: folder.path, cwd: folder.path }), env, clock, use: "inspect", fetch });
  onTestFinished(() => home.close());
  const before = await Promise.all((await folder.list()).map((file) => folder.read(file)));
  const known = await knownHealth(home.current, clock);
  const result = await simulate(home, {
    text: "openclaw",
    agentId: undefined,
    session: undefined,
    faults,
    forMs: 10 * MINUTE,
    everyMs: 5 * SECOND,
    clock,
    ...known,
    ...query,
  });
  expect(await Promise.all((await folder.list()).map((file) => folder.read(file)))).toEqual(before);
  return result;
}

const at = (time: number) => (time - NOW) / SECOND;
/** Each interval: its seconds, who failed, who served or what the client got. */
function told({ intervals }: Simulation): readonly string[] {
  return intervals.map(({ from, until, requests, attempts, served, error }) => {
    const failed = attempts.map(({ id, class: name }) => `${id} ${name}`);
    const end = error ? [`${error.from} ${error.status} ${error.code}`] : served.map(({ id }) => id);
    return `${at(from)}-${at(until)} ${requests}x: ${[...failed, ...end].join(" > ")}`;
  });
}
const windowsOf = ({ windows }: Simulation) =>
  windows.map(({ id, model, openedAt, until, count }) => `${id} ${model} ${at(openedAt)}-${at(until)} ${count}`);

describe("a rate limit", () => {
  test("moves on, probes at the end of each window, and comes back", async () => {
    const simulation = await simulated({ profiles: two, store: inOrder }, ["anthropic:work=429"]);
    expect(told(simulation)).toEqual([
      "0-0 1x: anthropic:work rate_limit > anthropic:home",
      "5-25 5x: anthropic:home",
      "30-30 1x: anthropic:work rate_limit > anthropic:home",
      "35-85 11x: anthropic:home",
      "90-90 1x: anthropic:work rate_limit > anthropic:home",
      "95-385 59x: anthropic:home",
      "390-390 1x: anthropic:work rate_limit > anthropic:home",
      "395-685 59x: anthropic:home",
      "690-690 1x: anthropic:work",
    ]);
    expect(windowsOf(simulation)).toEqual([
      "anthropic:work claude-opus-4-6 0-30 1",
      "anthropic:work claude-opus-4-6 30-90 2",
      "anthropic:work claude-opus-4-6 90-390 3",
      "anthropic:work claude-opus-4-6 390-690 4",
    ]);
    expect(simulation.windows.map(({ closedAt = 0 }) => at(closedAt))).toEqual([30, 90, 390, 690]);
    expect(simulation).toMatchObject({
      preferred: { credential: { id: "anthropic:work" }, lostAt: NOW, backAt: NOW + 690 * SECOND },
      rotations: [
        {
          from: "profile anthropic:work",
          to: "profile anthropic:home",
          class: "rate_limit",
          requests: 4,
          firstAt: NOW,
          lastAt: NOW + 390 * SECOND,
        },
      ],
      faults: [{ target: "anthropic:work", what: "429", class: "rate_limit", hits: ["anthropic:work"] }],
      requests: 139,
      isTruncated: false,
    });
  });

  test("that says when to come back is believed for an hour at most", async () => {
    const simulation = await simulated({ profiles: two, store: inOrder }, ["anthropic:work=429@5h"]);
    expect(windowsOf(simulation)).toEqual(["anthropic:work claude-opus-4-6 0-3600 1"]);
    expect(simulation.preferred.backAt).toBe(NOW + HOUR);
  });

  test("everywhere gives the provider's answer first, then the gateway's own, with the first recovery", async () => {
    const simulation = await simulated({ profiles: two, store: inOrder }, ["anthropic=429@2m"], { forMs: MINUTE });
    expect(told(simulation)).toEqual([
      "0-0 1x: anthropic:work rate_limit > anthropic:home rate_limit > provider 429 rate_limit",
      "5-115 23x: gateway 429 all-cooling",
      "120-120 1x: anthropic:work",
    ]);
    expect(simulation.intervals.map(({ error }) => error?.retryAfterMs)).toEqual([2 * MINUTE, 115 * SECOND, undefined]);
    expect(simulation.billing).toEqual({ subscription: 0, metered: 1, local: 0, failed: 24, meteredShare: 1 / 25 });
  });

  test("of a provider's only key without a hint holds nothing back", async () => {
    const simulation = await simulated({ profiles: { "anthropic:only": key("only") } }, ["anthropic:only=429"], { forMs: MINUTE });
    expect(told(simulation)).toEqual(["0-55 12x: anthropic:only rate_limit > provider 429 rate_limit", "60-60 1x: anthropic:only"]);
    expect(simulation.windows).toEqual([]);
  });

  test("of a bucket is shared by its keys", async () => {
    const config = { auth: { credentials: { OPENAI_API_KEYS: { bucket: "team" } } } };
    const scene = { config, env: { OPENAI_API_KEYS: "test-key-1 test-key-2", OPENAI_API_KEY: "test-key-3" } };
    const simulation = await simulated(scene, ["bucket:team=429"], { text: "openai/gpt", forMs: 20 * SECOND });
    const [one, three] = [fingerprint("test-key-1"), fingerprint("test-key-3")];
    expect(told(simulation)).toEqual([`0-0 1x: ${one} rate_limit > ${three}`, `5-25 5x: ${three}`, `30-30 1x: ${one}`]);
    expect(windowsOf(simulation)).toEqual(["bucket:openai:team gpt 0-30 1"]);
  });
});

describe("other failures", () => {
  test("of a profile move on and open the windows they open", async () => {
    const simulation = await simulated({ profiles: two, store: inOrder }, ["anthropic:work=billing"], { forMs: 15 * MINUTE });
    expect(windowsOf(simulation)).toEqual(["anthropic:work * 0-600 1", "anthropic:work * 600-1800 2"]);
    expect(at(simulation.preferred.backAt ?? 0)).toBe(1800);
  });

  test("that open none are met by every request", async () => {
    const simulation = await simulated({ profiles: two, store: inOrder }, ["anthropic:work=529"], { forMs: 30 * 24 * HOUR });
    expect(told(simulation)).toEqual([
      "0-2591995 518400x: anthropic:work overloaded > anthropic:home",
      "2592000-2592000 1x: anthropic:work",
    ]);
  });

  test("of a key go back to the client", async () => {
    const simulation = await simulated({ env: { ANTHROPIC_API_KEYS: "test-key-1 test-key-2" } }, ["ANTHROPIC_API_KEYS[1]=401"], {
      forMs: MINUTE,
    });
    expect(told(simulation)).toEqual([
      `0-55 12x: ${fingerprint("test-key-1")} auth > provider 401 auth`,
      `60-60 1x: ${fingerprint("test-key-1")}`,
    ]);
  });

  test("a key with two names fails once", async () => {
    const scene = {
      profiles: { "anthropic:a": key("same"), "anthropic:b": key("other") },
      env: { ANTHROPIC_API_KEYS: "test-key-same test-key-3" },
    };
    const simulation = await simulated(scene, ["anthropic:a=529", "anthropic:b=529", "ANTHROPIC_API_KEYS=529"], { forMs: SECOND });
    expect(told(simulation)[0]).toBe(
      `0-0 1x: anthropic:a overloaded > anthropic:b overloaded > ${fingerprint("test-key-3")} overloaded > provider 529 overloaded`,
    );
  });

  test("timeouts go nowhere within a model", async () => {
    const simulation = await simulated({ profiles: two, store: inOrder }, ["anthropic:work=timeout"], { forMs: MINUTE });
    expect(told(simulation)[0]).toBe("0-55 12x: anthropic:work timeout > gateway 504 upstream-timeout");
  });

  test("a login that is refused is renewed once, in vain, and never for real", async () => {
    const login = { type: "oauth", provider: "anthropic", access: "test-access", refresh: "test-refresh", expires: NOW - 1 };
    const config = { models: { providers: { anthropic: { oauth: { tokenUrl: "https://id.anthropic.test/token", clientId: "client" } } } } };
    const profiles = { "anthropic:login": login, "anthropic:home": token("home") };
    const simulation = await simulated({ profiles, config }, ["anthropic:login=401"], { forMs: MINUTE });
    expect(told(simulation)).toEqual(["0-55 12x: anthropic:login auth > anthropic:home", "60-60 1x: anthropic:login"]);
  });
});

describe("models and who pays", () => {
  const config = { agents: { defaults: { model: { primary: "anthropic/claude-opus-4-6", fallbacks: ["minimax/m"] } } } };
  const profiles = { "anthropic:plan": token("plan"), "minimax:k": key("k", "minimax") };

  test("a fallback serves, and what it costs is told", async () => {
    const simulation = await simulated({ profiles, config }, ["anthropic:plan=500"], { forMs: MINUTE });
    expect(told(simulation)).toEqual(["0-55 12x: anthropic:plan server > minimax:k", "60-60 1x: anthropic:plan"]);
    expect(simulation).toMatchObject({
      models: ["anthropic/claude-opus-4-6", "minimax/m"],
      fallbacks: [{ from: "anthropic/claude-opus-4-6", to: "minimax/m", class: "server", requests: 12 }],
      crossings: [{ id: "minimax:k", model: "minimax/m", requests: 12, firstAt: NOW }],
      billing: { subscription: 1, metered: 12, failed: 0, meteredShare: 12 / 13 },
    });
  });

  test("a fence keeps requests from what is paid per token", async () => {
    const store = { order: { anthropic: ["anthropic:plan", "anthropic:key"] } };
    const scene = { profiles: { "anthropic:plan": token("plan"), "anthropic:key": key("key") }, store };
    const refused = await simulated(scene, ["anthropic:plan=429@1m"], { forMs: MINUTE });
    expect([refused.billing.metered, refused.crossings]).toEqual([0, []]);
    const allowed = await simulated({ ...scene, config: { auth: { billingCrossing: "allow" } } }, ["anthropic:plan=429@1m"], {
      forMs: MINUTE,
    });
    expect([allowed.billing.metered, allowed.crossings.map(({ id }) => id)]).toEqual([12, ["anthropic:key"]]);
  });

  test("a strict pin has no fallback", async () => {
    const simulation = await simulated({ profiles, config }, ["anthropic:plan=500"], { text: "openclaw@anthropic:plan", forMs: MINUTE });
    expect(told(simulation)[0]).toBe("0-55 12x: anthropic:plan server > provider 500 server");
  });
});

describe("the beginning", () => {
  test("is what is kept on the disk", async () => {
    const state = { "anthropic:work": { windows: { "*": { until: NOW + HOUR, reason: "billing", count: 1 } } } };
    const simulation = await simulated({ profiles: two, store: inOrder, state }, ["anthropic:home=529"], { forMs: MINUTE });
    expect(told(simulation)).toEqual([
      "0-55 12x: anthropic:home overloaded > provider 529 overloaded",
      "60-3595 708x: anthropic:home",
      "3600-3600 1x: anthropic:work",
    ]);
    expect(simulation.windows).toMatchObject([{ isKept: true, until: NOW + HOUR, closedAt: NOW + HOUR }]);
  });

  test("a credential that cannot be had is passed by, and one that expires leaves", async () => {
    const profiles = { "anthropic:ref": key("x"), "anthropic:ends": token("ends", NOW + 22 * SECOND), "anthropic:home": key("home") };
    const scene = {
      profiles: { ...profiles, "anthropic:ref": { ...key("x"), key: "${NO_KEY}" } },
      config: { auth: { billingCrossing: "allow" } },
      store: { order: { anthropic: ["anthropic:ref", "anthropic:ends", "anthropic:home"] } },
    };
    const simulation = await simulated(scene, ["anthropic:home=529"], { forMs: MINUTE });
    expect(told(simulation)).toEqual([
      "0-20 5x: anthropic:ref auth > anthropic:ends",
      "25-55 7x: anthropic:ref auth > anthropic:home overloaded > provider 529 overloaded",
      "60-60 1x: anthropic:ref auth > anthropic:home",
    ]);
  });
});

describe("strategies", () => {
  const config = (strategy: string) => ({ auth: { strategies: { "*": strategy } } });

  test("that spread are told by how much each serves", async () => {
    const profiles = { ...two, "anthropic:third": key("third") };
    const simulation = await simulated({ profiles, config: config("least-used") }, ["anthropic:work=429@20s"], { forMs: 15 * SECOND });
    expect(simulation.preferred.credential).toBeNull();
    expect(simulation.intervals.at(-1)?.served.map(({ id, requests }) => [id, requests])).toEqual([
      ["anthropic:third", 2],
      ["anthropic:home", 1],
      ["anthropic:work", 1],
    ]);
  });

  test("a session stays with its credential, and goes elsewhere while that cools", async () => {
    // Which one it gets depends on where a profile is kept, and of a key on nothing but the key.
    const scene = { env: { ANTHROPIC_API_KEYS: "test-key-1 test-key-2 test-key-3" }, config: config("least-used") };
    const session = { key: "one", id: "one" };
    const steady = await simulated(scene, ["openai=429"], { forMs: MINUTE, session });
    const own = steady.preferred.credential?.id ?? "";
    expect(told(steady)).toEqual([`0-60 13x: ${own}`]);
    const moved = await simulated(scene, [`${own}=429`], { forMs: 20 * SECOND, session });
    const [, other] = / > (#\w+)$/u.exec(told(moved)[0] ?? "") ?? [];
    expect(other).not.toBe(own);
    expect(told(moved)).toEqual([`0-0 1x: ${own} rate_limit > ${other}`, `5-30 6x: ${other}`]);
    expect(moved.preferred).toMatchObject({ lostAt: NOW, backAt: null });
  });

  test("fill-first stays with what was used last", async () => {
    const simulation = await simulated({ profiles: two, store: inOrder, config: config("fill-first") }, ["anthropic:work=429"], {
      forMs: 20 * SECOND,
    });
    expect([told(simulation).length, simulation.preferred.backAt]).toEqual([2, null]);
  });

  test("without an end it is given up after ten thousand requests", async () => {
    const simulation = await simulated({ profiles: two, config: config("least-used") }, ["anthropic:work=429"], {
      forMs: HOUR,
      everyMs: 1,
    });
    expect([simulation.requests, simulation.isTruncated]).toEqual([10_000, true]);
  });
});

test("requests wait where that is configured", async () => {
  const simulation = await simulated(
    { profiles: two, store: inOrder, config: { auth: { cooldowns: { maxWaitMs: MINUTE } } } },
    ["anthropic=429@30s"],
    { forMs: 10 * SECOND },
  );
  expect(simulation.intervals.map(({ waitedMs, served }) => [waitedMs, served[0]?.id])).toEqual([
    [undefined, undefined],
    [25 * SECOND, "anthropic:work"],
    [undefined, "anthropic:work"],
  ]);
  expect(simulation.preferred.backAt).toBe(NOW + 30 * SECOND);
});

test("says that what a running gateway has under way is not known, where a strategy goes by it", async () => {
  const notesOf = async (strategy: string, query: Query = {}) =>
    (
      await simulated({ profiles: two, config: { auth: { strategies: { anthropic: strategy } } } }, ["anthropic:work=429"], {
        forMs: SECOND,
        ...query,
      })
    ).notes;
  expect(await notesOf("least-used")).toEqual([expect.stringContaining("under way, which is not known here")]);
  expect(await notesOf("most-headroom")).toEqual([expect.stringContaining("was told of limits, which is not known here")]);
  expect([await notesOf("ordered"), await notesOf("least-used", { session: { key: "s", id: "s" } })]).toEqual([[], []]);
});

test("says that a cooldown has a longest, where a provider asks for more", async () => {
  const notesOf = async (hint: string) => (await simulated({ profiles: two }, [`anthropic:work=429@${hint}`], { forMs: MINUTE })).notes;
  expect([await notesOf("5h"), await notesOf("1h")]).toEqual([
    ["429@5h: a cooldown after a rate limit is 1h at most, whatever the provider says"],
    [],
  ]);
});

test("a text that is long is cut in its middle, and says how much is left out", async () => {
  const simulation = await simulated({ profiles: two }, ["anthropic:work=429"], { forMs: MINUTE });
  const [interval] = simulation.intervals;
  if (!interval) throw new Error("no interval");
  const intervals = Array.from({ length: 100 }, (_, index) => ({ ...interval, requests: 1000 + index }));
  const text = renderSimulation({ ...simulation, intervals });
  const shown = [...text.matchAll(/ (1[01]\d\d)x /gu)].map(([, count]) => Number(count) - 1000);
  expect([shown.length, shown[0], shown.at(-1)]).toEqual([60, 0, 99]);
  expect(text).toContain("\n  \u2026 40 more, --json has all of them\n");
  expect(renderSimulation({ ...simulation, intervals: intervals.slice(0, 60) })).not.toContain("\u2026");
});

describe("targets", () => {
  const scene = { profiles: { ...two, "openai:k": key("k", "openai") }, env: { ANTHROPIC_API_KEYS: "test-key-1 test-key-2" } };

  test.each([
    ["anthropic:work=429", ["anthropic:work"]],
    [`${fingerprint("test-key-2")}=429`, [fingerprint("test-key-2")]],
    [`${fingerprint("test-key-work")}=429`, ["anthropic:work"]],
    [`${fingerprint("test-key-k")}=429`, []],
    ["ANTHROPIC_API_KEYS[2]=429", [fingerprint("test-key-2")]],
    ["ANTHROPIC_API_KEYS=429", [fingerprint("test-key-1"), fingerprint("test-key-2")]],
    ["Anthropic=429", ["anthropic:work", "anthropic:home", fingerprint("test-key-1"), fingerprint("test-key-2")]],
    ["openai:k=429", []],
    ["openai=429", []],
  ])("%s hits %j", async (fault, hits) => {
    const simulation = await simulated(scene, [fault], { forMs: SECOND });
    expect(simulation.faults[0]?.hits.toSorted()).toEqual(hits.toSorted());
  });

  test.each([
    ["anthropic:wrok=429", /there is anthropic:work/u],
    ["antropic=429", /there is anthropic/u],
    ["ANTHROPIC_API_KEYS[9]=429", /there is ANTHROPIC_API_KEYS\[1\]/u],
    ["bucket:none=429", /models auth explain/u],
    ["#00000000=429", /.*/u],
    ["anthropic:work", /for example/u],
    ["=429", /for example/u],
    ["anthropic:work=limited", /a status from 400/u],
    ["\u001B[2J=429", /models auth explain/u],
  ])("%j is refused", async (fault, hint) => {
    await expect(simulated(scene, [fault])).rejects.toMatchObject({ name: "CliError", hint: expect.stringMatching(hint) });
  });

  test("the first fault that is named for a credential counts", async () => {
    const simulation = await simulated({ profiles: two, store: inOrder }, ["anthropic:work=529", "anthropic=429@1m"], { forMs: SECOND });
    expect(told(simulation)[0]).toBe("0-0 1x: anthropic:work overloaded > anthropic:home rate_limit > provider 429 rate_limit");
  });
});
