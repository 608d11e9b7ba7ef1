import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { inspect } from "node:util";
import { createTempHome, MANUAL_CLOCK_START, type TempHome } from "@openclaw/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Surface } from "./active-secrets.ts";
import type { SecretsError, SecretsErrorCode } from "./errors.ts";
import type { SecretProviders } from "./provider-config.ts";
import { createSecretResolver } from "./resolver.ts";
import { createSecretSnapshot, type SecretSnapshotOptions } from "./snapshot.ts";
import { isTransient, withStartBackoff } from "./start-backoff.ts";

let home: TempHome;
beforeEach(async () => {
  home = await createTempHome();
});
afterEach(() => home.remove());
const at = (name: string) => join(home.path, name);

/** Time in which sleeping takes no time: who sleeps is woken at once, later. */
function skippingClock() {
  let now = MANUAL_CLOCK_START;
  const sleeps: number[] = [];
  return {
    now: () => now,
    sleeps,
    set: (at: number) => {
      now = at;
    },
    async sleep(durationMs: number, signal?: AbortSignal) {
      signal?.throwIfAborted();
      sleeps.push(durationMs);
      now += durationMs;
    },
  };
}

/** Each run of it leaves a line in `<name>.runs`. */
async function script(name: string, text: string): Promise<void> {
  await home.write(`${name}.runs`, await readFile(at(`${name}.runs`), "utf8").catch(() => ""));
  await home.write(name, `#!/bin/sh\necho run >> "$0.runs"\nread -r request <&0 || :\n${text}\n`, 0o700);
}
const runsOf = async (name: string) => (await readFile(at(`${name}.runs`), "utf8")).split("\n").length - 1;
const answering = (id: string) => `printf '%s' '${JSON.stringify({ protocolVersion: 1, values: { [id]: `test-key-${id}` } })}'`;
const surfaceOf = (provider: string): Surface => ({ path: provider, owner: provider, ref: { source: "exec", provider, id: "a" } });
const stampPath = () => at("state/secrets-backoff.json");
const stampText = () => readFile(stampPath(), "utf8").catch(() => undefined);

/** One start of a program. */
function startOf(
  names: readonly string[],
  clock: ReturnType<typeof skippingClock>,
  options: Partial<SecretSnapshotOptions> & { random?: number } = {},
) {
  const { random = 0.5, ...rest } = options;
  const providers: SecretProviders = Object.fromEntries(
    names.map((name) => [name, { source: "exec", command: at(name), timeoutMs: 20_000 }]),
  );
  const stampErrors: SecretsError[] = [];
  const resolver = withStartBackoff(createSecretResolver({ env: { KEY: "test-key" }, providers }), {
    clock,
    random: () => random,
    stampPath: stampPath(),
    onStampError: (error) => stampErrors.push(error),
  });
  const snapshot = createSecretSnapshot({ resolver, surfaces: names.map(surfaceOf), onFailure: "isolate", clock, ...rest });
  const codes = async () => (await snapshot.activate()).failures.map(({ path, code }) => [path, code]);
  return { snapshot, codes, stampErrors };
}

describe("need 16: a start", () => {
  test("asks again, after a second and after three, and only for what failed", async () => {
    await script("vault", answering("a"));
    await script("broken", "exit 1");
    await script("missing", `printf '{"protocolVersion":1,"values":{}}'`);
    const clock = skippingClock();
    const { codes } = startOf(["vault", "broken", "missing"], clock);
    expect(await codes()).toEqual([
      ["broken", "command-failed"],
      ["missing", "reference-unresolved"],
    ]);
    expect([await runsOf("vault"), await runsOf("broken"), await runsOf("missing"), clock.sleeps]).toEqual([1, 3, 1, [1_000, 3_000]]);
  });

  test.each(["strict", "isolate"] as const)(
    "%s: goes on when a provider answers at the third time, and leaves no stamp",
    async (onFailure) => {
      await script("slow", `[ "$(wc -l < "$0.runs")" -lt 3 ] && exit 1\n${answering("a")}`);
      const { codes, snapshot } = startOf(["slow"], skippingClock(), { onFailure });
      expect([await codes(), await runsOf("slow"), snapshot.current.get("slow")?.reveal()]).toEqual([[], 3, "test-key-a"]);
      expect(JSON.parse((await stampText()) ?? "")).toEqual({ version: 1, providers: {} });
    },
  );

  test("that goes well writes nothing", async () => {
    await script("vault", answering("a"));
    expect(await startOf(["vault"], skippingClock()).codes()).toEqual([]);
    expect(await stampText()).toBeUndefined();
  });

  test("strict: fails when a provider does, isolate goes on without its owner", async () => {
    await script("broken", "exit 1");
    await script("vault", answering("a"));
    await expect(startOf(["vault", "broken"], skippingClock(), { onFailure: "strict" }).codes()).rejects.toMatchObject({
      code: "activation-failed",
      message: "Not every secret could be resolved: broken (exec:broken:a): command-failed",
    });
    const { codes, snapshot } = startOf(["vault", "broken"], skippingClock());
    expect([await codes(), snapshot.current.get("vault")?.reveal()]).toEqual([[["broken", "provider-backing-off"]], "test-key-a"]);
    expect(await runsOf("broken")).toBe(3);
  });

  test.each([
    [0, [800, 2_400]],
    [1, [1_200, 3_600]],
  ])("pauses a little longer or shorter by chance: %d", async (random, pauses) => {
    await script("broken", "exit 1");
    const clock = skippingClock();
    await startOf(["broken"], clock, { random }).codes();
    expect(clock.sleeps).toEqual(pauses);
  });

  test("ends in a pause when the program does", async () => {
    await script("broken", "exit 1");
    const clock = {
      ...skippingClock(),
      sleep: (_: number, signal?: AbortSignal) =>
        new Promise<void>((_resolve, reject) => {
          signal?.addEventListener("abort", () => reject(signal.reason));
          snapshot.close();
        }),
    };
    const { snapshot, codes } = startOf(["broken"], clock);
    await expect(codes()).rejects.toMatchObject({ code: "snapshot-closed" });
    expect(await runsOf("broken")).toBe(1);
    expect(JSON.parse((await stampText()) ?? "").providers).toHaveProperty("broken");
  });
});

/** Starts every 1.2 seconds, as long as a start itself takes no longer, for a minute. */
async function restartForAMinute(names: readonly string[], random: number): Promise<number> {
  const clock = skippingClock();
  let restarts = 0;
  for (; restarts < 50 && clock.now() < MANUAL_CLOCK_START + 60_000; restarts += 1) {
    const before = clock.now();
    await startOf(names, clock, { random, onFailure: "strict" })
      .codes()
      .catch(() => undefined);
    clock.set(Math.max(clock.now(), before + 1_200));
  }
  return restarts;
}

describe("need 16: a program that is started again and again", () => {
  test.each([0, 0.5, 0.999])("runs a command that fails no more than twelve times a minute (chance %d)", async (random) => {
    await script("broken", "exit 1");
    const restarts = await restartForAMinute(["broken"], random);
    expect(restarts).toBeGreaterThan(25);
    expect(await runsOf("broken")).toBeLessThanOrEqual(12);
  });

  test("is told until when, and what to do", async () => {
    await script("broken", "exit 1 # test-canary");
    const clock = skippingClock();
    await startOf(["broken"], clock).codes();
    const { snapshot } = startOf(["broken"], clock);
    const [failure] = (await snapshot.activate()).failures;
    expect(failure?.error).toMatchObject({
      code: "provider-backing-off",
      message: 'exec:broken:a: secret provider "broken" failed at the last start and is not run before 2026-01-01T00:00:13.000Z',
      hint: `mend the provider, then: rm '${stampPath()}' (where the gateway runs: openclaw secrets reload)`,
    });
    expect(inspect(failure?.error, { depth: 9 })).not.toContain("canary");
    expect(await stampText()).toBe(`{"version":1,"providers":{"broken":{"failures":1,"until":${MANUAL_CLOCK_START + 13_000}}}}\n`);
    expect((await stat(stampPath())).mode & 0o777).toBe(0o600);
  });

  test("waits 10 seconds, then twice as long each time, up to 5 minutes, and a tenth less by chance", async () => {
    await script("broken", "exit 1");
    const clock = skippingClock();
    const waits: number[] = [];
    for (let start = 0; start < 7; start += 1) {
      await startOf(["broken"], clock).codes();
      const { until } = JSON.parse((await stampText()) ?? "").providers.broken;
      waits.push(until - clock.now());
      clock.set(until);
    }
    expect(waits).toEqual([9_000, 18_000, 36_000, 72_000, 144_000, 270_000, 270_000]);
  });

  test("runs a command again as soon as its time has come, and success clears its name alone", async () => {
    await script("broken", "exit 1");
    await script("vault", "exit 1");
    const clock = skippingClock();
    await startOf(["broken", "vault"], clock).codes();
    await script("vault", answering("a"));
    clock.set(clock.now() + 10_000);
    expect(await startOf(["broken", "vault"], clock).codes()).toEqual([["broken", "command-failed"]]);
    expect(JSON.parse((await stampText()) ?? "").providers).toEqual({ broken: { failures: 2, until: clock.now() + 18_000 } });
  });

  test("counts anew when the last failure is over an hour ago", async () => {
    await script("broken", "exit 1");
    const clock = skippingClock();
    await startOf(["broken"], clock).codes();
    clock.set(clock.now() + 3_700_000);
    await startOf(["broken"], clock).codes();
    expect(JSON.parse((await stampText()) ?? "").providers.broken.failures).toBe(1);
  });

  test("does not hold back a reload, whose success clears the stamp too", async () => {
    await script("vault", "exit 1");
    const clock = skippingClock();
    await startOf(["vault"], clock).codes();
    const { codes, snapshot } = startOf(["vault"], clock);
    expect(await codes()).toEqual([["vault", "provider-backing-off"]]);
    expect((await snapshot.reload()).failures.map(({ code }) => code)).toEqual(["command-failed"]);
    expect(await runsOf("vault")).toBe(4);
    await script("vault", answering("a"));
    const again = startOf(["vault"], clock);
    await again.codes();
    expect((await again.snapshot.reload()).failures).toEqual([]);
    expect(JSON.parse((await stampText()) ?? "").providers).toEqual({});
  });
});

describe("the stamp", () => {
  const failed = (until: number) => JSON.stringify({ version: 1, providers: { vault: { failures: 3, until } } });
  const inAYear = MANUAL_CLOCK_START + 365 * 86_400_000;

  test("of a clock that was wrong holds a provider back for five minutes from now, and no longer", async () => {
    await script("vault", answering("a"));
    await home.write("state/secrets-backoff.json", failed(inAYear), 0o600);
    const clock = skippingClock();
    expect(await startOf(["vault"], clock).codes()).toEqual([["vault", "provider-backing-off"]]);
    clock.set(MANUAL_CLOCK_START + 299_999);
    expect(await startOf(["vault"], clock).codes()).toEqual([["vault", "provider-backing-off"]]);
    clock.set(MANUAL_CLOCK_START + 300_000);
    expect(await startOf(["vault"], clock).codes()).toEqual([]);
  });

  test.each([
    ["torn", failed(inAYear).slice(0, 40)],
    ["empty", ""],
    ["of another version", failed(inAYear).replace("1", "2")],
    ["with an endless time", failed(1).replace('"until":1', '"until":1e999')],
    ["with text for a time", failed(1).replace('"until":1', '"until":"never"')],
    ["with no failures", failed(inAYear).replace(":3", ":0")],
    ["a list", "[]"],
    ["binary", "\u0000\uFFFD"],
  ])("that is %s counts as none", async (_, content) => {
    await script("vault", answering("a"));
    await home.write("state/secrets-backoff.json", content, 0o600);
    const { codes, stampErrors } = startOf(["vault"], skippingClock());
    expect([await codes(), stampErrors]).toEqual([[], []]);
  });

  test("that cannot be read or written is told of, and the start goes on", async () => {
    await script("vault", `[ "$(wc -l < "$0.runs")" -lt 2 ] && exit 1\n${answering("a")}`);
    await home.write("state/secrets-backoff.json/in-the-way", "");
    const { codes, stampErrors } = startOf(["vault"], skippingClock());
    expect(await codes()).toEqual([]);
    expect(stampErrors.map(({ code }) => code)).toEqual(["file-refused", "file-refused", "file-refused"]);
  });

  test("is neither read nor written where no command is run", async () => {
    await script("vault", "exit 1");
    await home.write("state/secrets-backoff.json", failed(inAYear), 0o600);
    const { codes, snapshot } = startOf(["vault"], skippingClock(), { allowExec: false });
    expect([await codes(), snapshot.current.stateOf("vault")?.status, await runsOf("vault")]).toEqual([[], "skipped", 0]);
    expect(await stampText()).toBe(failed(inAYear));
  });
});

test.each<[SecretsErrorCode, boolean]>([
  ["command-failed", true],
  ["command-bad-output", true],
  ["timed-out", true],
  ["command-refused", false],
  ["reference-unresolved", false],
  ["value-refused", false],
  ["provider-backing-off", false],
  ["file-unreadable", false],
])("%s may go well when it is asked again: %s", (code, expected) => {
  expect(isTransient(code)).toBe(expected);
});
