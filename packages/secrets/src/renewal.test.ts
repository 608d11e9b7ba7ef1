import { setImmediate as turn } from "node:timers/promises";
import { MANUAL_CLOCK_START, manualClock, runProcess } from "@openclaw/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { SecretsError, type SecretsErrorCode } from "./errors.ts";
import { renewSecrets } from "./renewal.ts";
import type { ResolveOutcome } from "./resolver.ts";
import { formatSecretRef } from "./secret-ref.ts";
import { Secret } from "./secret.ts";
import { createSecretSnapshot, type ReloadReport, type SecretSnapshotOptions } from "./snapshot.ts";

const SECOND = 1_000;
const MINUTE = 60_000;
const HOUR = 3_600_000;

let stopping: AbortController;
beforeEach(() => {
  stopping = new AbortController();
});
afterEach(() => stopping.abort());

/** A token that lives so long, and is called by the number of the run that gave it. */
const living = (lifetimeMs: number) => (now: number, run: number) => ({
  status: "resolved" as const,
  secret: Secret.of(`token-${run}`),
  expiresAt: now + lifetimeMs,
});
const failing = (code: SecretsErrorCode) => () => ({ status: "failed" as const, error: new SecretsError(code, "no") });

async function setUp(
  answer: (now: number, run: number) => ResolveOutcome,
  { random = 0.5, ...options }: Partial<SecretSnapshotOptions> & { random?: number } = {},
) {
  const clock = manualClock();
  const runs: number[] = [];
  const reports: ReloadReport[] = [];
  const errors: unknown[] = [];
  let source = answer;
  const surfaces = [{ path: "a", owner: "a", ref: { source: "exec", provider: "vault", id: "a" } as const }];
  const snapshot = createSecretSnapshot({
    resolver: {
      async resolveAll(refs) {
        runs.push(clock.now() - MANUAL_CLOCK_START);
        return new Map(refs.map((ref) => [formatSecretRef(ref), source(clock.now(), runs.length)]));
      },
    },
    surfaces,
    onFailure: "isolate",
    clock,
    ...options,
  });
  await snapshot.activate();
  const { signal } = stopping;
  const ended = renewSecrets({
    snapshot,
    clock,
    random: () => random,
    onReport: (report) => reports.push(report),
    onError: (error) => errors.push(error),
    signal,
  });
  return {
    clock,
    runs,
    reports,
    errors,
    snapshot,
    ended,
    set: (next: typeof answer) => {
      source = next;
    },
    /** Lets time pass, sleep by sleep. */
    async pass(durationMs: number, seen: () => void = () => undefined): Promise<void> {
      for (const end = clock.now() + durationMs; clock.now() < end;) {
        await clock.waitForSleepers();
        clock.advance(Math.min((clock.sleeping()[0] ?? end) - clock.now(), end - clock.now()));
        await turn();
        seen();
      }
    },
    valueNow: () => snapshot.current.get("a")?.reveal(),
    statusNow: () => snapshot.current.stateOf("a")?.status,
  };
}

describe("need 53: a value is renewed", () => {
  test.each([
    ["a tenth of its life before", 8 * HOUR, 0.5, 8 * HOUR - 48 * MINUTE],
    ["a tenth of that earlier, by chance", 8 * HOUR, 1, 8 * HOUR - 48 * MINUTE * 1.1],
    ["a tenth of that later, by chance", 8 * HOUR, 0, 8 * HOUR - 48 * MINUTE * 0.9],
    ["five minutes before", 20 * MINUTE, 0.5, 15 * MINUTE],
    ["when half of a short life is over", 4 * MINUTE, 0.5, 2 * MINUTE],
    ["not within 30 seconds of the last time", 20 * SECOND, 0.5, 30 * SECOND],
  ])("%s", async (_, lifetimeMs, random, at) => {
    const { pass, runs } = await setUp(living(lifetimeMs), { random });
    await pass(at - 1);
    expect(runs).toEqual([0]);
    await pass(1);
    expect(runs).toEqual([0, at]);
  });

  test("over eight hours of one-hour tokens no request finds none, and the helper runs once per token", async () => {
    const { pass, runs, valueNow, reports } = await setUp(living(HOUR));
    const seen = new Set<string | undefined>();
    await pass(8 * HOUR, () => seen.add(valueNow()));
    expect(runs).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8].map((token) => token * 54 * MINUTE));
    expect([seen.size, seen.has(undefined), reports.length]).toEqual([9, false, 8]);
  });

  test("the first call after a night asleep finds no dead token, and a live one after the next look", async () => {
    const { clock, pass, statusNow, valueNow } = await setUp(living(HOUR));
    await clock.waitForSleepers();
    clock.advance(8 * HOUR);
    expect([valueNow(), statusNow()]).toEqual([undefined, "cold"]);
    await pass(1);
    expect(valueNow()).toBe("token-2");
  });

  test("a reload by somebody else is as good", async () => {
    const { pass, runs, snapshot } = await setUp(living(HOUR));
    await pass(50 * MINUTE);
    await snapshot.reload();
    await pass(50 * MINUTE);
    expect(runs).toEqual([0, 50 * MINUTE]);
  });
});

describe("a try that fails", () => {
  test.each(["strict", "isolate"] as const)(
    "%s: leaves the old value as long as it holds, and not a moment longer, and is repeated",
    async (onFailure) => {
      const { pass, runs, set, statusNow, valueNow } = await setUp(living(HOUR), { onFailure });
      await pass(50 * MINUTE);
      set(failing("command-failed"));
      await pass(10 * MINUTE - 1);
      expect([valueNow(), statusNow()]).toEqual(["token-1", onFailure === "strict" ? "live" : "stale"]);
      await pass(1);
      expect([valueNow(), statusNow()]).toEqual([undefined, "cold"]);
      const tries = runs.map((at) => (at - 54 * MINUTE) / SECOND).slice(1);
      expect(tries).toEqual([0, 30, 90, 210]);
      await pass(HOUR);
      const pauses = runs.slice(1).map((at, index) => (at - (runs[index] ?? 0)) / SECOND);
      expect(pauses.slice(1, 8)).toEqual([30, 60, 120, 240, 480, 600, 600]);
      set(living(HOUR));
      await pass(10 * MINUTE);
      expect(statusNow()).toBe("live");
      await pass(54 * MINUTE);
      expect(pauses.at(-1)).toBe(600);
      expect((runs.at(-1) ?? 0) - (runs.at(-2) ?? 0)).toBe(54 * MINUTE);
    },
  );

  test("of a value that then expires is repeated whatever was wrong", async () => {
    const { pass, set, valueNow } = await setUp(living(HOUR));
    await pass(50 * MINUTE);
    set(failing("reference-unresolved"));
    await pass(HOUR);
    expect(valueNow()).toBeUndefined();
    set(living(HOUR));
    await pass(10 * MINUTE);
    expect(valueNow()).toMatch(/^token-/u);
  });

  test("by throwing is told of and repeated", async () => {
    const reason = new Error("the redactor is full");
    let isFull = false;
    const onSwap = () => {
      if (isFull) throw reason;
    };
    const { pass, errors, runs, valueNow } = await setUp(living(HOUR), { onSwap });
    isFull = true;
    await pass(55 * MINUTE);
    expect([errors, runs.length]).toEqual([[reason, reason], 3]);
    isFull = false;
    await pass(MINUTE);
    expect(valueNow()).toBe("token-4");
  });
});

test.each([
  ["was never answered for a transient reason", "command-failed", true],
  ["was held back at the start", "provider-backing-off", true],
  ["leads to nothing", "reference-unresolved", false],
  ["is not trusted", "command-refused", false],
] as const)("a reference that %s is asked again: %s %s", async (_, code, isAsked) => {
  const { pass, set, runs, valueNow } = await setUp(failing(code));
  set(living(HOUR));
  await pass(30 * SECOND - 1);
  expect(runs).toEqual([0]);
  await pass(1);
  expect([runs.length, valueNow()]).toEqual(isAsked ? [2, "token-2"] : [1, undefined]);
});

test.each([
  ["past", -1, 11],
  ["now", 0, 11],
  ["NaN", Number.NaN, 11],
  ["-Infinity", -Infinity, 11],
  ["beyond what a date can name", 1e300, 1],
  ["Infinity", Infinity, 1],
])("an expiry that is %s makes no busy loop", async (_, lifetimeMs, expected) => {
  const { pass, runs } = await setUp(living(lifetimeMs));
  await pass(HOUR);
  expect(runs).toHaveLength(expected);
  const pauses = runs.slice(1).map((at, index) => at - (runs[index] ?? 0));
  expect(pauses.every((pause) => pause >= 30 * SECOND)).toBe(true);
});

test("an expiry in a year needs no timer longer than it can be looked at", async () => {
  const { clock } = await setUp(living(365 * 24 * HOUR));
  await clock.waitForSleepers();
  expect(clock.sleeping()).toEqual([clock.now() + 30 * SECOND]);
});

test("a clock that is set back a year holds up nothing", async () => {
  let now = MANUAL_CLOCK_START;
  let runs = 0;
  const clock = {
    now: () => now,
    async sleep(durationMs: number, signal?: AbortSignal) {
      await turn();
      signal?.throwIfAborted();
      now += durationMs;
    },
  };
  const snapshot = createSecretSnapshot({
    resolver: {
      async resolveAll(refs) {
        runs += 1;
        if (runs === 3) stopping.abort();
        return new Map(refs.map((ref) => [formatSecretRef(ref), failing("timed-out")()]));
      },
    },
    surfaces: [{ path: "a", owner: "a", ref: { source: "exec", provider: "vault", id: "a" } }],
    onFailure: "isolate",
    clock,
  });
  await snapshot.activate();
  const ended = renewSecrets({ snapshot, clock, random: () => 0.5, onError: () => undefined, signal: stopping.signal });
  now -= 365 * 24 * HOUR;
  await ended;
  expect(now).toBeLessThan(MANUAL_CLOCK_START);
});

test("it ends with its signal, also in the middle of a reload, and with the snapshot", async () => {
  const { ended, pass, snapshot } = await setUp(living(HOUR));
  snapshot.close();
  await pass(54 * MINUTE);
  await ended;
  const other = await setUp(living(HOUR));
  await other.clock.waitForSleepers();
  stopping.abort();
  await other.ended;
  expect([other.errors, other.clock.sleeping()]).toEqual([[], []]);
});

test("it does not keep the process alive", async () => {
  const source = (file: string) => JSON.stringify(new URL(file, import.meta.url).href);
  const script = `
    import { renewSecrets } from ${source("./renewal.ts")};
    const current = { paths: ["a"], stateOf: () => ({ status: "live", ref: "a", resolvedAt: Date.now(), expiresAt: Date.now() + 3_600_000 }) };
    void renewSecrets({ snapshot: { current, reload: async () => ({}) }, random: Math.random, onError() {}, signal: new AbortController().signal });
    console.log("started");`;
  const { stdout, code } = await runProcess(process.execPath, ["--input-type=module", "-e", script], { env: {}, timeoutMs: 20_000 });
  expect([stdout.trim(), code]).toEqual(["started", 0]);
});
