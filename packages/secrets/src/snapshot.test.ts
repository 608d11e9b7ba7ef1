import { setImmediate as turn } from "node:timers/promises";
import { inspect } from "node:util";
import { createCanary, manualClock, runProcess } from "@openclaw/testkit";
import { describe, expect, test } from "vitest";
import type { Surface } from "./active-secrets.ts";
import { SecretsError } from "./errors.ts";
import { createSecretResolver, type ResolveOutcome } from "./resolver.ts";
import { formatSecretRef, type SecretRef } from "./secret-ref.ts";
import { Secret } from "./secret.ts";
import { createSecretSnapshot, type BatchResolver, type SecretSnapshotOptions } from "./snapshot.ts";

const ref = (id: string): SecretRef => ({ source: "env", provider: "default", id });
const surface = (name: string, more: Partial<Surface> = {}): Surface => ({
  path: `models.providers.${name}.apiKey`,
  owner: name,
  ref: ref(name.toUpperCase()),
  ...more,
});
const pathOf = (name: string) => surface(name).path;
const failure = (id: string) => new SecretsError("reference-unresolved", `Environment variable "${id}" is missing or empty.`);

/** Answers from `values`, by id; what is not there fails. Counts what it was asked. */
function fakeResolver(values: Record<string, string | ResolveOutcome>) {
  const asked: string[][] = [];
  const resolver: BatchResolver = {
    async resolveAll(refs) {
      asked.push(refs.map((ref) => ref.id));
      return new Map(
        refs.map((ref): [string, ResolveOutcome] => {
          const value = values[ref.id];
          if (value === undefined) return [formatSecretRef(ref), { status: "failed", error: failure(ref.id) }];
          return [formatSecretRef(ref), typeof value === "string" ? { status: "resolved", secret: Secret.of(value) } : value];
        }),
      );
    },
  };
  return { resolver, asked, values };
}

function setUp(values: Record<string, string | ResolveOutcome>, options: Partial<SecretSnapshotOptions> = {}) {
  const fake = fakeResolver(values);
  const snapshot = createSecretSnapshot({
    resolver: fake.resolver,
    surfaces: [surface("a"), surface("b")],
    onFailure: "strict",
    clock: manualClock(1_000),
    ...options,
  });
  return { ...fake, snapshot, valueOf: (name: string) => snapshot.current.get(pathOf(name))?.reveal() };
}

describe("activation", () => {
  test("resolves all surfaces and reports them as new", async () => {
    const { snapshot, valueOf } = setUp({ A: "one", B: { status: "resolved", secret: Secret.of("two"), expiresAt: 9_000 } });
    expect([snapshot.current.generation, valueOf("a"), snapshot.current.stateOf(pathOf("a"))]).toEqual([0, undefined, undefined]);
    expect(await snapshot.activate()).toEqual({
      outcome: "swapped",
      generation: 1,
      changed: [pathOf("a"), pathOf("b")],
      failures: [],
      diagnostics: [],
    });
    expect([valueOf("a"), valueOf("b"), valueOf("c")]).toEqual(["one", "two", undefined]);
    expect(snapshot.current.stateOf(pathOf("b"))).toEqual({ status: "live", ref: "env:default:B", resolvedAt: 1_000, expiresAt: 9_000 });
  });

  test("strict: one of many references fails, and the error names each such one and no value [R1]", async () => {
    const canary = createCanary("snapshot");
    const { snapshot } = setUp({ A: canary }, { surfaces: [surface("a"), surface("b"), surface("c")] });
    const error: unknown = await snapshot.activate().catch((error: unknown) => error);
    expect(error).toMatchObject({
      name: "SecretsError",
      code: "activation-failed",
      message:
        "Not every secret could be resolved: models.providers.b.apiKey (env:default:B): reference-unresolved; models.providers.c.apiKey (env:default:C): reference-unresolved",
    });
    expect(inspect([error, snapshot.current], { depth: 9, showHidden: true })).not.toContain(canary);
    expect([snapshot.current.generation, snapshot.current.get(pathOf("a"))]).toEqual([0, undefined]);
  });

  test("isolate: only the owner of the broken reference is cold [R1]", async () => {
    const { snapshot, valueOf } = setUp({ A: "one" }, { onFailure: "isolate" });
    const report = await snapshot.activate();
    expect(report).toMatchObject({ outcome: "swapped", generation: 1, changed: [pathOf("a")] });
    expect(report.failures).toMatchObject([
      { path: pathOf("b"), owner: "b", ref: "env:default:B", code: "reference-unresolved", isRequired: false },
    ]);
    expect(report.diagnostics.map(({ code }) => code)).toEqual(["SECRETS_RELOADER_DEGRADED"]);
    expect([valueOf("a"), valueOf("b")]).toEqual(["one", undefined]);
    expect(snapshot.current.stateOf(pathOf("b"))).toMatchObject({ status: "cold", error: { code: "reference-unresolved" } });
  });

  test.each(["strict", "isolate"] as const)("%s: the gateway's own auth fails closed [R1]", async (onFailure) => {
    const { snapshot } = setUp({ A: "one" }, { onFailure, surfaces: [surface("a"), surface("gateway", { isRequired: true })] });
    await expect(snapshot.activate()).rejects.toMatchObject({ code: "activation-failed" });
    expect(snapshot.current.generation).toBe(0);
  });

  test.each(["strict", "isolate"] as const)(
    "%s: a value beside a reference is never used, and is warned of when it resolves [S12]",
    async (onFailure) => {
      const surfaces = [surface("a", { hasPlaintext: true }), surface("b")];
      const good = setUp({ A: "from the ref", B: "two" }, { onFailure, surfaces });
      expect((await good.snapshot.activate()).diagnostics).toEqual([
        {
          code: "SECRETS_REF_OVERRIDES_PLAINTEXT",
          path: pathOf("a"),
          message: "models.providers.a.apiKey: env:default:A is used, the value written beside it is not",
        },
      ]);
      expect(good.valueOf("a")).toBe("from the ref");
      const broken = setUp({ B: "two" }, { onFailure, surfaces });
      await broken.snapshot.activate().catch(() => undefined);
      expect(broken.valueOf("a")).toBeUndefined();
    },
  );

  test("an inactive surface is not resolved, says why, and its reference may be broken", async () => {
    const surfaces = [surface("a"), surface("b", { isActive: false, inactiveReason: "no model uses it", hasPlaintext: true })];
    const { snapshot, asked } = setUp({ A: "one" }, { surfaces });
    expect((await snapshot.activate()).diagnostics).toEqual([
      {
        code: "SECRETS_REF_IGNORED_INACTIVE_SURFACE",
        path: pathOf("b"),
        message: "models.providers.b.apiKey: env:default:B is not resolved: no model uses it",
      },
    ]);
    expect(asked).toEqual([["A"]]);
    expect(snapshot.current.stateOf(pathOf("b"))).toEqual({ status: "inactive", ref: "env:default:B", reason: "no model uses it" });
  });

  test("a resolver that gives another value each time is asked once per activation, and equal references are equal [R6]", async () => {
    let calls = 0;
    const resolver: BatchResolver = {
      resolveAll: async (refs) =>
        new Map(refs.map((ref) => [formatSecretRef(ref), { status: "resolved", secret: Secret.of(`value ${++calls}`) }])),
    };
    const surfaces = ["a", "b", "c"].map((name) => surface(name, { ref: ref("SHARED") }));
    const { snapshot, valueOf } = setUp({}, { resolver, surfaces });
    await snapshot.activate();
    expect([valueOf("a"), valueOf("b"), valueOf("c"), calls]).toEqual(["value 1", "value 1", "value 1", 1]);
    expect(snapshot.current.secrets).toHaveLength(1);
    await snapshot.reload();
    expect([valueOf("a"), valueOf("b"), valueOf("c"), calls]).toEqual(["value 2", "value 2", "value 2", 2]);
  });

  test("a reference that was not answered is unresolved", async () => {
    const silent = setUp({}, { resolver: { resolveAll: async () => new Map() } });
    await expect(silent.snapshot.activate()).rejects.toMatchObject({ code: "activation-failed" });
  });

  test.each(["strict", "isolate"] as const)(
    "%s: where no command is run, its references have no value and are no failure",
    async (onFailure) => {
      const exec: SecretRef = { source: "exec", provider: "vault", id: "openai" };
      const marker = createCanary("command");
      const resolver = createSecretResolver({
        env: { A: "one" },
        providers: { vault: { source: "exec", command: `/nowhere/${marker}` } },
      });
      const surfaces = [surface("a"), surface("b", { ref: exec, hasPlaintext: true })];
      const { snapshot, valueOf } = setUp({}, { resolver, surfaces, onFailure, allowExec: false });
      expect(await snapshot.activate()).toMatchObject({ outcome: "swapped", changed: [pathOf("a")], failures: [] });
      expect([valueOf("a"), valueOf("b")]).toEqual(["one", undefined]);
      expect(snapshot.current.stateOf(pathOf("b"))).toEqual({ status: "skipped", ref: "exec:vault:openai" });
      expect(snapshot.current.outcomeOf(exec)).toEqual({ status: "skipped" });
      expect(await snapshot.reload()).toMatchObject({ outcome: "swapped", failures: [] });
      expect(await snapshot.check(surfaces)).toEqual([]);
    },
  );

  test("commands are run unless they are forbidden", async () => {
    const allowed: unknown[] = [];
    const resolver: BatchResolver = {
      resolveAll: async (_refs, { allowExec }) => {
        allowed.push(allowExec);
        return new Map();
      },
    };
    for (const more of [{}, { allowExec: true }, { allowExec: false }]) {
      await setUp({}, { resolver, onFailure: "isolate", ...more }).snapshot.activate();
    }
    expect(allowed).toEqual([true, true, false]);
  });

  test("a resolver that refuses everything has refused each reference; one that is broken is not covered up", async () => {
    const refused = new SecretsError("invalid-reference", "513 references for one provider");
    const refusing = setUp({}, { onFailure: "isolate", resolver: { resolveAll: () => Promise.reject(refused) } });
    expect((await refusing.snapshot.activate()).failures.map(({ error }) => error)).toEqual([refused, refused]);
    const bug = new TypeError("a bug");
    const broken = setUp({}, { onFailure: "isolate", resolver: { resolveAll: () => Promise.reject(bug) } });
    await expect(broken.snapshot.activate()).rejects.toBe(bug);
  });

  test("without anything to resolve no resolver is asked", async () => {
    const { snapshot, asked } = setUp({}, { surfaces: [] });
    expect(await snapshot.activate()).toMatchObject({ outcome: "swapped", generation: 1 });
    expect(asked).toEqual([]);
  });
});

describe("what a reference stands for", () => {
  test("is the same wherever it is written: a value, a failure, or nothing where no surface in use holds it", async () => {
    const surfaces = [
      surface("a"),
      surface("again", { ref: ref("A") }),
      surface("off", { ref: ref("A"), isActive: false }),
      surface("b"),
      surface("c", { isActive: false }),
    ];
    const { snapshot } = setUp({ A: "one" }, { onFailure: "isolate", surfaces });
    expect(snapshot.current.outcomeOf(ref("A"))).toBeUndefined();
    await snapshot.activate();
    const outcomes = ["A", "B", "C", "D"].map((id) => snapshot.current.outcomeOf(ref(id)));
    expect(outcomes).toMatchObject([
      { status: "resolved" },
      { status: "failed", error: { code: "reference-unresolved" } },
      undefined,
      undefined,
    ]);
    expect(outcomes[0]).toEqual({ status: "resolved", secret: snapshot.current.get(pathOf("again")) });
    expect(snapshot.current.outcomeOf({ ...ref("A"), provider: "other" })).toBeUndefined();
  });

  test("is the value of last time while the reference is broken, until that expires", async () => {
    const clock = manualClock(1_000);
    const { snapshot, values } = setUp(
      { A: { status: "resolved", secret: Secret.of("one"), expiresAt: 2_000 } },
      { onFailure: "isolate", clock, surfaces: [surface("a")] },
    );
    await snapshot.activate();
    delete values["A"];
    await snapshot.reload();
    const { current } = snapshot;
    expect(current.stateOf(pathOf("a"))?.status).toBe("stale");
    expect(current.outcomeOf(ref("A"))).toEqual({ status: "resolved", secret: current.get(pathOf("a")) });
    clock.advance(1_000);
    expect(current.outcomeOf(ref("A"))).toMatchObject({ status: "failed", error: { code: "value-expired" } });
  });
});

test("a value is gone at the moment it expires, also for who took the generation before, and is still known to the redactor", async () => {
  const clock = manualClock(1_000);
  const { snapshot, valueOf } = setUp({ A: { status: "resolved", secret: Secret.of("one"), expiresAt: 2_000 }, B: "two" }, { clock });
  await snapshot.activate();
  const { current } = snapshot;
  clock.advance(999);
  expect([valueOf("a"), current.stateOf(pathOf("a"))?.status]).toEqual(["one", "live"]);
  clock.advance(1);
  expect([valueOf("a"), valueOf("b")]).toEqual([undefined, "two"]);
  expect(current.stateOf(pathOf("a"))).toMatchObject({ status: "cold", ref: "env:default:A", error: { code: "value-expired" } });
  expect(current.secrets.map((secret) => secret.reveal())).toEqual(["one", "two"]);
});

test("takes the resolver of this package", async () => {
  const env = { A: "test-key-one" };
  const { snapshot, valueOf } = setUp({}, { resolver: createSecretResolver({ env }), onFailure: "isolate" });
  expect((await snapshot.activate()).failures.map(({ path, code }) => [path, code])).toEqual([[pathOf("b"), "reference-unresolved"]]);
  expect(valueOf("a")).toBe("test-key-one");
});

test("what is current is frozen, and what a caller does to it has no effect [R7]", async () => {
  const { snapshot, valueOf } = setUp({ A: "one", B: "two" });
  const report = await snapshot.activate();
  const { current } = snapshot;
  for (const value of [current, current.paths, current.secrets, current.stateOf(pathOf("a")), report])
    expect(Object.isFrozen(value)).toBe(true);
  expect(() => Reflect.apply(Array.prototype.push, current.secrets, [Secret.of("mine")])).toThrow(TypeError);
  expect(Reflect.set(current, "get", () => Secret.of("mine"))).toBe(false);
  expect(Reflect.set(snapshot, "current", {})).toBe(false);
  expect([valueOf("a"), snapshot.current]).toEqual(["one", current]);
});

describe("reload", () => {
  test("reports which paths changed, came and went, by value, and passes old and new on before the swap", async () => {
    const swaps: unknown[] = [];
    const { snapshot, values, valueOf } = setUp(
      { A: "one", B: "two", C: "three" },
      {
        onSwap: (next, previous) => {
          swaps.push([next.generation, previous.generation, snapshot.current.generation, previous.get(pathOf("a"))?.reveal()]);
        },
      },
    );
    await snapshot.activate();
    values["A"] = "changed";
    const report = await snapshot.reload([surface("a"), surface("c"), surface("d", { ref: ref("C") })]);
    expect(report).toMatchObject({ outcome: "swapped", generation: 2, failures: [], diagnostics: [] });
    expect(report.changed.toSorted()).toEqual([pathOf("a"), pathOf("b"), pathOf("c"), pathOf("d")]);
    expect((await snapshot.reload()).changed).toEqual([]);
    expect([valueOf("a"), valueOf("b"), valueOf("d")]).toEqual(["changed", undefined, "three"]);
    expect(swaps.slice(0, 2)).toEqual([
      [1, 0, 0, undefined],
      [2, 1, 1, "one"],
    ]);
  });

  test("strict: a failed one keeps all of the last known good, is reported once, and so is recovery [R5]", async () => {
    const { snapshot, values, valueOf } = setUp({ A: "one", B: "two" });
    await snapshot.activate();
    const good = snapshot.current;
    values["A"] = "new";
    delete values["B"];
    const codes = async () => {
      const report = await snapshot.reload();
      return [report.outcome, report.generation, report.changed.length, ...report.diagnostics.map(({ code }) => code)];
    };
    expect(await codes()).toEqual(["kept", 1, 0, "SECRETS_RELOADER_DEGRADED"]);
    expect(await codes()).toEqual(["kept", 1, 0]);
    expect(snapshot.current).toBe(good);
    expect([valueOf("a"), valueOf("b")]).toEqual(["one", "two"]);
    values["B"] = "two";
    expect(await codes()).toEqual(["swapped", 2, 1, "SECRETS_RELOADER_RECOVERED"]);
    expect(await codes()).toEqual(["swapped", 3, 0]);
    expect(valueOf("a")).toBe("new");
  });

  test("isolate: a reference that breaks keeps its own last known good, the others are renewed", async () => {
    const { snapshot, values, valueOf } = setUp({ A: "one", B: "two" }, { onFailure: "isolate" });
    await snapshot.activate();
    values["A"] = "new";
    delete values["B"];
    const first = await snapshot.reload();
    expect([first.outcome, first.changed, first.diagnostics.map(({ code }) => code)]).toEqual([
      "swapped",
      [pathOf("a")],
      ["SECRETS_RELOADER_DEGRADED"],
    ]);
    const second = await snapshot.reload();
    expect([second.failures.length, second.diagnostics]).toEqual([1, []]);
    expect([valueOf("a"), valueOf("b")]).toEqual(["new", "two"]);
    expect(snapshot.current.stateOf(pathOf("b"))).toMatchObject({
      status: "stale",
      resolvedAt: 1_000,
      error: { code: "reference-unresolved" },
    });
    values["B"] = "back";
    expect((await snapshot.reload()).diagnostics.map(({ code }) => code)).toEqual(["SECRETS_RELOADER_RECOVERED"]);
    expect([valueOf("b"), snapshot.current.stateOf(pathOf("b"))?.status]).toEqual(["back", "live"]);
  });

  test("isolate: a path that leads to another, broken reference is cold and has not the old one's value", async () => {
    const { snapshot, valueOf } = setUp({ A: "one", B: "two" }, { onFailure: "isolate" });
    await snapshot.activate();
    await snapshot.reload([surface("a", { ref: ref("ELSEWHERE"), hasPlaintext: true }), surface("b")]);
    expect([valueOf("a"), valueOf("b"), snapshot.current.stateOf(pathOf("a"))?.status]).toEqual([undefined, "two", "cold"]);
  });

  test("isolate: a last known good that has expired is not kept", async () => {
    const clock = manualClock(1_000);
    const { snapshot, values, valueOf } = setUp(
      { A: { status: "resolved", secret: Secret.of("one"), expiresAt: 2_000 } },
      { onFailure: "isolate", clock, surfaces: [surface("a")] },
    );
    await snapshot.activate();
    delete values["A"];
    clock.advance(999);
    await snapshot.reload();
    expect([valueOf("a"), snapshot.current.stateOf(pathOf("a"))?.status]).toEqual(["one", "stale"]);
    clock.advance(1);
    expect((await snapshot.reload()).changed).toEqual([pathOf("a")]);
    expect([valueOf("a"), snapshot.current.stateOf(pathOf("a"))?.status]).toEqual([undefined, "cold"]);
  });

  test("isolate: the gateway's own auth keeps everything as it was", async () => {
    const surfaces = [surface("a"), surface("gateway", { isRequired: true })];
    const { snapshot, values, valueOf } = setUp({ A: "one", GATEWAY: "token" }, { onFailure: "isolate", surfaces });
    await snapshot.activate();
    values["A"] = "new";
    delete values["GATEWAY"];
    expect((await snapshot.reload()).outcome).toBe("kept");
    expect([valueOf("a"), valueOf("gateway")]).toEqual(["one", "token"]);
  });

  test("a check says what would fail and changes nothing [R5]", async () => {
    const { snapshot, values } = setUp({ A: "one", B: "two" });
    await snapshot.activate();
    const good = snapshot.current;
    values["A"] = "new";
    expect(await snapshot.check([surface("a"), surface("missing")])).toMatchObject([
      { path: pathOf("missing"), code: "reference-unresolved" },
    ]);
    expect(snapshot.current).toBe(good);
    expect(await snapshot.reload()).toMatchObject({ generation: 2, changed: [pathOf("a")], diagnostics: [] });
  });

  test("a redactor that cannot learn the new values keeps the old ones current", async () => {
    const reason = new Error("full");
    let isBroken = false;
    const { snapshot } = setUp(
      { A: "one", B: "two" },
      {
        onSwap: () => {
          if (isBroken) throw reason;
        },
      },
    );
    await snapshot.activate();
    isBroken = true;
    await expect(snapshot.reload()).rejects.toBe(reason);
    expect(snapshot.current.generation).toBe(1);
  });
});

/** A resolver whose answers the test gives, in its own time. */
function slowResolver() {
  const calls: { readonly ids: readonly string[]; readonly answer: (value: string) => void; readonly signal: AbortSignal }[] = [];
  const resolver: BatchResolver = {
    resolveAll(refs, { signal }) {
      const { promise, resolve } = Promise.withResolvers<ReadonlyMap<string, ResolveOutcome>>();
      const answer = (value: string) =>
        resolve(new Map(refs.map((ref) => [formatSecretRef(ref), { status: "resolved", secret: Secret.of(`${ref.id} ${value}`) }])));
      calls.push({ ids: refs.map((ref) => ref.id), answer, signal });
      return promise;
    },
  };
  return { resolver, calls };
}

describe("at the same time", () => {
  test("reloads run one after the other, those that wait share one, and the last configuration wins [R4]", async () => {
    const { resolver, calls } = slowResolver();
    const { snapshot, valueOf } = setUp({}, { resolver });
    const activated = snapshot.activate();
    await turn();
    const second = snapshot.reload([surface("b")]);
    const third = snapshot.reload([surface("c")]);
    const fourth = snapshot.reload();
    await turn();
    expect(calls.map(({ ids }) => ids)).toEqual([["A", "B"]]);
    calls[0]?.answer("first");
    expect((await activated).generation).toBe(1);
    expect(valueOf("a")).toBe("A first");
    await turn();
    expect(calls.map(({ ids }) => ids)).toEqual([["A", "B"], ["C"]]);
    calls[1]?.answer("second");
    expect(await Promise.all([second, third, fourth])).toMatchObject([{ generation: 2 }, { generation: 2 }, { generation: 2 }]);
    expect(snapshot.current.paths).toEqual([pathOf("c")]);
  });

  test("a reload asked for while one runs sees what changed since that one began [R4]", async () => {
    const { resolver, calls } = slowResolver();
    const { snapshot, valueOf } = setUp({}, { resolver, surfaces: [surface("a")] });
    const first = snapshot.activate();
    await turn();
    const second = snapshot.reload();
    calls[0]?.answer("old");
    await first;
    await turn();
    calls[1]?.answer("new");
    await second;
    expect(valueOf("a")).toBe("A new");
  });

  test("a start that fails does not hold up the reload behind it [R4]", async () => {
    const { snapshot } = setUp({ A: "one" });
    const starting = snapshot.activate();
    const reloading = turn().then(() => snapshot.reload([surface("a")]));
    const [start, reload] = await Promise.allSettled([starting, reloading]);
    expect([start.status, reload]).toMatchObject(["rejected", { status: "fulfilled", value: { generation: 1 } }]);
  });

  test("nothing is swapped once it is closed, whatever the resolver does, and nobody waits for it [R4]", async () => {
    const { resolver, calls } = slowResolver();
    const { snapshot } = setUp({}, { resolver, surfaces: [surface("a")] });
    const activated = snapshot.activate();
    await turn();
    calls[0]?.answer("first");
    await activated;
    const running = snapshot.reload();
    const waiting = turn().then(() => snapshot.reload());
    await turn();
    snapshot.close();
    await expect(running).rejects.toMatchObject({ code: "snapshot-closed" });
    await expect(waiting).rejects.toMatchObject({ code: "snapshot-closed" });
    await expect(snapshot.reload()).rejects.toMatchObject({ code: "snapshot-closed" });
    await expect(snapshot.activate()).rejects.toMatchObject({ code: "snapshot-closed" });
    await expect(snapshot.check([])).rejects.toMatchObject({ code: "snapshot-closed" });
    expect(calls[1]?.signal.aborted).toBe(true);
    calls[1]?.answer("late");
    await turn();
    expect([calls.length, snapshot.current.generation, snapshot.current.get(pathOf("a"))?.reveal()]).toEqual([2, 1, "A first"]);
  });

  test("an answer that came just before it was closed is not swapped in either [R4]", async () => {
    const { resolver, calls } = slowResolver();
    const { snapshot } = setUp({}, { resolver, surfaces: [surface("a")] });
    const activated = snapshot.activate();
    await turn();
    calls[0]?.answer("late");
    snapshot.close();
    await expect(activated).rejects.toMatchObject({ code: "snapshot-closed" });
    expect(snapshot.current.generation).toBe(0);
  });

  test("a thousand requests in flight across a swap each see one generation [R3]", async () => {
    const { snapshot, values } = setUp({ A: "0", B: "0" });
    await snapshot.activate();
    const request = async () => {
      const { current } = snapshot;
      const key = current.get(pathOf("a"))?.reveal();
      for (let turns = 0; turns < 5; turns++) await turn();
      return [key, current.get(pathOf("b"))?.reveal()];
    };
    const seen: Promise<(string | undefined)[]>[] = [];
    for (let generation = 1; generation <= 10; generation++) {
      for (let index = 0; index < 100; index++) seen.push(request());
      values["A"] = values["B"] = String(generation);
      await snapshot.reload();
    }
    const pairs = await Promise.all(seen);
    expect(pairs.filter(([key, other]) => key === undefined || key !== other)).toEqual([]);
    expect(new Set(pairs.map(([key]) => key)).size).toBe(10);
  });
});

test("after a thousand reloads the old values are gone, and heap and descriptors are as before [R8]", async () => {
  const source = (file: string) => JSON.stringify(new URL(file, import.meta.url).href);
  const script = `
    import { readdirSync } from "node:fs";
    import { createSecretSnapshot } from ${source("./snapshot.ts")};
    import { Secret } from ${source("./secret.ts")};
    let round = 0;
    const old = [];
    const resolver = { resolveAll: async (refs) => new Map(refs.map((ref) => {
      const secret = Secret.of(String(round++).padStart(10_000, "x"));
      old.push(new WeakRef(secret));
      return ["env:default:" + ref.id, { status: "resolved", secret }];
    })) };
    const surfaces = ["A", "B"].map((id) => ({ path: id, owner: id, ref: { source: "env", provider: "default", id } }));
    const snapshot = createSecretSnapshot({ resolver, surfaces, onFailure: "strict" });
    await snapshot.activate();
    const settle = async () => { for (let i = 0; i < 3; i++) { await new Promise((resolve) => setImmediate(resolve)); gc(); } };
    const measure = async (count) => {
      for (let i = 0; i < count; i++) await snapshot.reload();
      await settle();
      const { heapUsed, external } = process.memoryUsage();
      return { heap: heapUsed + external, descriptors: readdirSync("/proc/self/fd").length };
    };
    const before = await measure(100);
    const after = await measure(1000);
    const alive = old.filter((reference) => reference.deref() !== undefined).length;
    console.log(JSON.stringify({ grown: after.heap - before.heap, opened: after.descriptors - before.descriptors, alive, generation: snapshot.current.generation }));`;
  const { stdout } = await runProcess(process.execPath, ["--expose-gc", "--input-type=module", "-e", script], {
    env: {},
    timeoutMs: 30_000,
  });
  const { grown, ...rest } = JSON.parse(stdout);
  expect(rest).toEqual({ opened: 0, alive: 2, generation: 1_101 });
  // A thousand generations held on to would be 20 MB.
  expect(grown).toBeLessThan(1_000_000);
});

describe("one reference that was asked for out of turn", () => {
  const fresh = (text: string): ResolveOutcome => ({ status: "resolved", secret: Secret.of(text), expiresAt: 9_000 });

  test("has its new value at once, wherever it is written, and the others stay", async () => {
    const surfaces = [surface("a"), surface("b"), surface("again", { ref: ref("A") })];
    const { snapshot, valueOf, asked } = setUp({ A: "one", B: "two" }, { surfaces });
    await snapshot.activate();
    const before = snapshot.current;
    const report = snapshot.adopt(ref("A"), fresh("new"));
    expect(report).toMatchObject({
      outcome: "swapped",
      generation: 2,
      changed: [pathOf("a"), pathOf("again")],
      failures: [],
      diagnostics: [],
    });
    expect([valueOf("a"), valueOf("b"), valueOf("again"), before.get(pathOf("a"))?.reveal()]).toEqual(["new", "two", "new", "one"]);
    expect(snapshot.current.stateOf(pathOf("a"))).toMatchObject({ status: "live", expiresAt: 9_000 });
    expect(asked).toHaveLength(1);
  });

  test("that failed keeps its value, is told once, and recovers with the next reload", async () => {
    const { snapshot, valueOf } = setUp({ A: "one", B: "two" });
    await snapshot.activate();
    const report = snapshot.adopt(ref("A"), { status: "failed", error: failure("A") });
    expect(report).toMatchObject({ failures: [{ path: pathOf("a") }], diagnostics: [{ code: "SECRETS_RELOADER_DEGRADED" }] });
    expect([valueOf("a"), snapshot.current.stateOf(pathOf("a"))?.status]).toEqual(["one", "stale"]);
    expect(snapshot.adopt(ref("A"), { status: "failed", error: failure("A") }).diagnostics).toEqual([]);
    expect((await snapshot.reload()).diagnostics).toMatchObject([{ code: "SECRETS_RELOADER_RECOVERED" }]);
  });

  test("that nothing in use holds, or only what is required does, changes nothing", async () => {
    const surfaces = [surface("a", { isRequired: true }), surface("b", { isActive: false })];
    const { snapshot, valueOf } = setUp({ A: "one", B: "two" }, { surfaces });
    await snapshot.activate();
    for (const id of ["A", "B", "C"]) expect(snapshot.adopt(ref(id), fresh("new")).changed).toEqual([]);
    expect([valueOf("a"), valueOf("b"), snapshot.current.generation]).toEqual(["one", undefined, 1]);
  });

  test("is of what is current, also after a reload with other surfaces was kept", async () => {
    const { snapshot, valueOf } = setUp({ A: "one", B: "two" });
    await snapshot.activate();
    expect((await snapshot.reload([surface("broken")])).outcome).toBe("kept");
    snapshot.adopt(ref("A"), fresh("new"));
    expect([valueOf("a"), valueOf("b")]).toEqual(["new", "two"]);
  });
});

test("what is not accepted takes no place: a reload throws what was said of it, and the next one is judged anew", async () => {
  const judged: (string | undefined)[] = [];
  const { snapshot, values, valueOf } = setUp(
    { A: "one", B: "two" },
    {
      async accept(next) {
        const value = next.get(pathOf("a"))?.reveal();
        judged.push(value);
        if (value === "bad") throw new Error("not that one");
      },
    },
  );
  await snapshot.activate();
  values["A"] = "bad";
  await expect(snapshot.reload()).rejects.toThrow("not that one");
  expect([valueOf("a"), snapshot.current.generation]).toEqual(["one", 1]);
  values["A"] = "good";
  expect(await snapshot.reload()).toMatchObject({ outcome: "swapped", generation: 2, changed: [pathOf("a")] });
  expect([valueOf("a"), judged]).toEqual(["good", ["one", "bad", "good"]]);
});
