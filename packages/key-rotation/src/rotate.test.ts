import { fakeCandidate, manualClock } from "@openclaw/testkit";
import { Secret, type Candidate, type Credential } from "@openclaw/secrets";
import { describe, expect, test } from "vitest";
import { profileFailover, type Advance } from "./advance.ts";
import { RotationError } from "./errors.ts";
import type { Failure, FailureClass, Settled } from "./failure.ts";
import { createHealth } from "./health/health.ts";
import type { Plan } from "./plan.ts";
import { rotate, type RotateOptions, type RotationEvent } from "./rotate.ts";

/** What an attempt of these tests gives: an object, so that "unchanged" can be told. */
interface Answer {
  readonly by: string;
  readonly failure?: FailureClass;
}

const planOf = (...candidates: readonly Candidate[]): Plan => ({ provider: "test-provider", model: "m", candidates, excluded: [] });
const one = fakeCandidate("one");
const two = fakeCandidate("two");
const three = fakeCandidate("three");

/** An error that says its own class. */
class ClassifiedError extends Error {
  readonly failure: FailureClass;
  constructor(failure: FailureClass) {
    super(failure);
    this.failure = failure;
  }
}

function classify(settled: Settled<Answer>): Failure | undefined {
  const failed =
    settled.status === "fulfilled" ? settled.value.failure : settled.reason instanceof ClassifiedError && settled.reason.failure;
  return failed ? { class: failed, scope: "model", rule: "test" } : undefined;
}

type Script = Readonly<Record<string, FailureClass | "ok" | Error | readonly (FailureClass | "ok" | Error)[]>>;

/** Runs `rotate` over a plan where each credential answers as scripted, and tells all that happened. */
async function run(plan: Plan, script: Script, options: Partial<RotateOptions<Answer>> = {}) {
  const answers: Answer[] = [];
  const discarded: Answer[] = [];
  const events: RotationEvent[] = [];
  const attempts: string[] = [];
  const used = new Map<string, number>();
  const attempt = async (credential: Credential): Promise<Answer> => {
    attempts.push(`${credential.id}:${credential.generation}`);
    const turn = used.get(credential.id) ?? 0;
    used.set(credential.id, turn + 1);
    const scripted = script[credential.id];
    const outcome = Array.isArray(scripted) ? scripted[turn] : scripted;
    if (outcome instanceof Error) throw outcome;
    const answer: Answer = { by: credential.id, ...(outcome !== "ok" && { failure: outcome }) };
    answers.push(answer);
    return answer;
  };
  const settled = await rotate(plan, attempt, {
    classify,
    discard: (answer) => discarded.push(answer),
    onEvent: (event) => events.push(event),
    ...options,
  }).then(
    (value) => ({ value, error: undefined }),
    (error: unknown) => ({ value: undefined, error }),
  );
  return { ...settled, answers, discarded, attempts, events };
}

/** Every answer was either handed on or discarded, and none twice. */
function expectAllFreed(result: Awaited<ReturnType<typeof run>>): void {
  const kept = result.answers.filter((answer) => answer !== result.value);
  expect(result.discarded).toEqual(kept);
}

const brokenCandidate = (id: string, error: Error): Candidate => fakeCandidate(id, { resolve: () => Promise.reject(error) });

const forcesRefresh: Advance = (failure, from, to, history) =>
  failure.class === "auth" ? "same" : profileFailover()(failure, from, to, history);

describe("on a rate limit", () => {
  test("the next credential is tried, each once, until one answers", async () => {
    const result = await run(planOf(one, two, three), { one: "rate_limit", two: "rate_limit", three: "ok" });
    expect(result.attempts).toEqual(["one:0", "two:0", "three:0"]);
    expect(result.value).toBe(result.answers[2]);
    expectAllFreed(result);
  });

  test("the last answer comes back as it is when all are limited", async () => {
    const result = await run(planOf(one, two), { one: "rate_limit", two: "rate_limit" });
    expect(result.value).toBe(result.answers[1]);
    expectAllFreed(result);
  });

  test("the last error comes back as it is when all are limited", async () => {
    const last = new ClassifiedError("rate_limit");
    const result = await run(planOf(one, two), { one: new ClassifiedError("rate_limit"), two: last });
    expect(result.error).toBe(last);
  });

  test("a credential listed twice is tried once", async () => {
    const result = await run(planOf(one, two, one, two), { one: "rate_limit", two: "rate_limit" });
    expect(result.attempts).toEqual(["one:0", "two:0"]);
  });

  test("the limit on moves stops it with the answer at hand", async () => {
    const profiles = ["one", "two", "three"].map((id) => fakeCandidate(id, { via: "profile" }));
    const result = await run(
      planOf(...profiles),
      { one: "rate_limit", two: "rate_limit", three: "ok" },
      { advance: profileFailover({ rateLimitedProfileRotations: 1 }) },
    );
    expect(result.attempts).toEqual(["one:0", "two:0"]);
    expect(result.value).toBe(result.answers[1]);
  });
});

describe("on anything else", () => {
  const others: readonly FailureClass[] = [
    "auth",
    "auth_permanent",
    "billing",
    "overloaded",
    "timeout",
    "format",
    "model_not_found",
    "context_overflow",
    "session_expired",
    "server",
    "unknown",
  ];
  test.each(others)("%s comes back at once, as an answer or an error", async (failure) => {
    const answered = await run(planOf(one, two), { one: failure, two: "ok" });
    expect([answered.attempts, answered.value === answered.answers[0], answered.discarded]).toEqual([["one:0"], true, []]);
    const error = new ClassifiedError(failure);
    const thrown = await run(planOf(one, two), { one: error, two: "ok" });
    expect([thrown.attempts, thrown.error === error]).toEqual([["one:0"], true]);
  });

  test("an error that says nothing of the credential is thrown at once and settles nothing", async () => {
    const clock = manualClock();
    const health = createHealth({ clock });
    await run(planOf(one, two), { one: "rate_limit", two: "ok" }, { health });
    clock.advance(30_000);
    const halfOpen = health.inspect();
    const error = new TypeError("a bug");
    const result = await run(planOf(one, two), { one: error }, { health });
    expect([result.error, result.attempts]).toEqual([error, ["one:0"]]);
    expect(health.inspect()).toEqual(halfOpen);
  });

  test("a policy may move on from more", async () => {
    const profile = fakeCandidate("one", { via: "profile" });
    const result = await run(planOf(profile, two), { one: "billing", two: "ok" }, { advance: profileFailover() });
    expect(result.value?.by).toBe("two");
    expectAllFreed(result);
  });
});

describe("a credential that cannot be resolved", () => {
  const error = new ClassifiedError("rate_limit");
  const broken = brokenCandidate("broken", error);

  test("is passed by", async () => {
    const result = await run(planOf(broken, two), { two: "ok" });
    expect([result.value?.by, result.attempts]).toEqual(["two", ["two:0"]]);
  });

  test("leaves a provider's earlier answer as the last", async () => {
    const result = await run(planOf(one, broken), { one: "rate_limit" });
    expect(result.value).toBe(result.answers[0]);
    expect(result.discarded).toEqual([]);
  });

  test("leaves it also when what it throws is no failure of a credential", async () => {
    const result = await run(planOf(one, brokenCandidate("broken", new TypeError("a bug")), three), { one: "rate_limit", three: "ok" });
    expect(result.value).toBe(result.answers[0]);
    expect([result.attempts, result.discarded]).toEqual([["one:0"], []]);
  });

  test("says why when no provider answered, the first of them", async () => {
    const result = await run(planOf(broken, brokenCandidate("too", new ClassifiedError("rate_limit"))), {});
    expect(result.error).toBe(error);
  });

  test("may throw at once instead of rejecting", async () => {
    const throwing = fakeCandidate("broken", {
      resolve: () => {
        throw error;
      },
    });
    expect((await run(planOf(throwing, two), { two: "ok" })).value?.by).toBe("two");
  });

  test("is no attempt", async () => {
    const numbers: number[] = [];
    await rotate(
      planOf(broken, one),
      async (credential, context) => {
        numbers.push(context.attempt);
        return { by: credential.id };
      },
      { classify },
    );
    expect(numbers).toEqual([1]);
  });
});

describe("one more try with a fresh secret", () => {
  test("is made with what was rejected, and its answer replaces the first", async () => {
    const asked: unknown[] = [];
    const profile = fakeCandidate("one", {
      via: "profile",
      resolve: ({ rejected }) => {
        asked.push(rejected?.generation);
        return { ...one, generation: rejected ? 1 : 0, kind: "none" };
      },
    });
    const result = await run(planOf(profile, two), { one: ["auth", "ok"] }, { advance: forcesRefresh });
    expect(asked).toEqual([undefined, 0]);
    expect(result.attempts).toEqual(["one:0", "one:1"]);
    expect(result.value).toBe(result.answers[1]);
    expectAllFreed(result);
  });

  test("is made once: the second refusal moves on", async () => {
    const result = await run(planOf(one, two), { one: ["auth", "auth"], two: "ok" }, { advance: forcesRefresh });
    expect(result.attempts).toEqual(["one:0", "one:1", "two:0"]);
    expectAllFreed(result);
  });

  test("keeps the refusal when the refresh fails", async () => {
    const profile = fakeCandidate("one", {
      via: "profile",
      resolve: ({ rejected }) => {
        if (rejected) throw new ClassifiedError("auth_permanent");
        return { ...one, generation: 0, kind: "none" };
      },
    });
    const result = await run(planOf(profile), { one: "auth" }, { advance: forcesRefresh });
    expect(result.value).toBe(result.answers[0]);
    expectAllFreed(result);
  });

  const holding = (id: string, ...secrets: readonly string[]): Candidate => {
    const info = { ...fakeCandidate(id, { via: "profile" }), provider: "test-provider" };
    let turn = 0;
    return {
      ...info,
      resolve: () => {
        const secret = Secret.of(secrets[turn] ?? secrets.at(-1) ?? "");
        turn += 1;
        return { ...info, generation: turn, kind: "api-key", secret };
      },
    };
  };
  const typesOf = ({ events }: Awaited<ReturnType<typeof run>>) => events.map(({ type }) => type);

  test("is not made where the secret is the same: the refusal stands, and the policy says what follows", async () => {
    const result = await run(planOf(holding("one", "test-key-one"), two), { one: "auth", two: "ok" }, { advance: forcesRefresh });
    expect([result.attempts, result.value?.by]).toEqual([["one:1", "two:0"], "two"]);
    expect(typesOf(result)).toEqual(["failed", "rotated"]);
    expectAllFreed(result);
  });

  test("is not made where the secret is the same, and the policy may stop with the first answer", async () => {
    const seen: number[] = [];
    const stops: Advance = (_failure, _from, _to, history) => {
      seen.push(history.length);
      return history.length === 1 ? "same" : "stop";
    };
    const health = createHealth({ clock: manualClock() });
    const plan = planOf(holding("one", "test-key-one"), two);
    const result = await run(plan, { one: "auth_permanent" }, { advance: stops, health });
    expect([result.attempts, seen]).toEqual([["one:1"], [1, 2]]);
    expect(result.value).toBe(result.answers[0]);
    expect(health.inspect()).toMatchObject([{ id: "one", window: { reason: "auth_permanent", count: 1 } }]);
    expectAllFreed(result);
  });

  test("tells that another secret was got, before it is sent", async () => {
    const result = await run(planOf(holding("one", "test-key-old", "test-key-new")), { one: ["auth", "ok"] }, { advance: forcesRefresh });
    expect(result.value).toBe(result.answers[1]);
    expect(typesOf(result)).toEqual(["failed", "renewed"]);
    expectAllFreed(result);
  });

  test("is not made with a secret that was tried under another name, nor is the fresh one sent again", async () => {
    const candidates = [holding("one", "test-key-a"), holding("two", "test-key-b", "test-key-a"), holding("three", "test-key-a"), three];
    const tried = await run(planOf(...candidates), { one: "auth", two: "auth", three: "ok" }, { advance: forcesRefresh });
    expect(tried.attempts).toEqual(["one:1", "two:1"]);
    const later = [holding("one", "test-key-a", "test-key-b"), holding("two", "test-key-b")];
    expect((await run(planOf(...later), { one: ["auth", "auth"] }, { advance: forcesRefresh })).attempts).toEqual(["one:1", "one:2"]);
  });

  test("settles once, with how it ended", async () => {
    const health = createHealth({ clock: manualClock() });
    await run(planOf(one, two), { one: ["auth", "rate_limit"], two: "ok" }, { advance: forcesRefresh, health });
    expect(health.inspect()).toMatchObject([{ id: "one", window: { count: 1 } }]);
  });
});

describe("an abort", () => {
  const reason = new Error("the client left");
  const setUp = () => ({ controller: new AbortController(), health: createHealth({ clock: manualClock() }) });

  test("before the start resolves nothing", async () => {
    let resolved = 0;
    const counted = fakeCandidate("one", {
      resolve: () => {
        resolved += 1;
        return { ...one, generation: 0, kind: "none" };
      },
    });
    const result = await run(planOf(counted), { one: "ok" }, { signal: AbortSignal.abort(reason) });
    expect([result.error, result.attempts, resolved]).toEqual([reason, [], 0]);
  });

  test("while a credential is resolved frees the answer that was kept", async () => {
    const { controller, health } = setUp();
    const slow = fakeCandidate("slow", {
      resolve: async ({ signal }) => {
        controller.abort(reason);
        signal?.throwIfAborted();
        return { ...two, generation: 0, kind: "none" };
      },
    });
    const result = await run(planOf(one, slow), { one: "rate_limit" }, { signal: controller.signal, health });
    expect(result.error).toBe(reason);
    expect(health.inspect().map(({ id }) => id)).toEqual(["one"]);
    expectAllFreed(result);
  });

  test.each(["ok", "rate_limit", "error"] as const)("while a provider answers %s settles nothing and frees the place", async (outcome) => {
    const { controller } = setUp();
    const clock = manualClock();
    const health = createHealth({ clock });
    const plan = planOf(one, two);
    const first = health.admit(one, plan);
    if (first) health.settle(first, { class: "rate_limit", scope: "model", rule: "test" });
    clock.advance(30_000);
    const before = health.inspect();
    const discarded: Answer[] = [];
    const answer: Answer = { by: "one", ...(outcome === "rate_limit" && { failure: outcome }) };
    const rotated = rotate(
      plan,
      async () => {
        controller.abort(reason);
        if (outcome === "error") throw new Error("the connection was closed");
        return answer;
      },
      { classify, health, signal: controller.signal, discard: (value) => discarded.push(value) },
    );
    await expect(rotated).rejects.toBe(reason);
    expect(discarded).toEqual(outcome === "error" ? [] : [answer]);
    expect(health.inspect()).toEqual(before);
    expect(health.admit(one, plan)).toBeDefined();
  });

  test("reaches the attempt and the resolver through their signal", async () => {
    const { controller } = setUp();
    const seen: unknown[] = [];
    const candidate = fakeCandidate("one", {
      resolve: ({ signal }) => {
        seen.push(signal);
        return { ...one, generation: 0, kind: "none" };
      },
    });
    await rotate(
      planOf(candidate),
      async (credential, context) => {
        seen.push(context.signal);
        return { by: credential.id };
      },
      { classify, signal: controller.signal },
    );
    expect(seen).toEqual([controller.signal, controller.signal]);
  });
});

describe("when the caller's own functions throw", () => {
  const bug = new TypeError("a bug");
  const throwBug = () => {
    throw bug;
  };

  test.each<[string, Partial<RotateOptions<Answer>>]>([
    ["classify", { classify: throwBug }],
    ["advance", { advance: throwBug }],
    ["onEvent", { onEvent: throwBug }],
  ])("%s: the error comes out, the answer is freed, and the place too", async (_, options) => {
    const clock = manualClock();
    const health = createHealth({ clock });
    const plan = planOf(one, two);
    await run(plan, { one: "rate_limit", two: "ok" }, { health });
    clock.advance(30_000);
    const result = await run(plan, { one: "rate_limit" }, { health, ...options });
    expect(result.error).toBe(bug);
    expectAllFreed(result);
    expect(health.admit(one, plan)).toBeDefined();
  });
});

describe("with health", () => {
  test("a credential in its window is passed over without being resolved", async () => {
    const health = createHealth({ clock: manualClock() });
    let resolved = 0;
    const counted = fakeCandidate("one", {
      resolve: () => {
        resolved += 1;
        return { ...one, generation: 0, kind: "none" };
      },
    });
    const plan = planOf(counted, two);
    await run(plan, { one: "rate_limit", two: "ok" }, { health });
    const second = await run(plan, { two: "ok" }, { health });
    expect([second.attempts, resolved]).toEqual([["two:0"], 1]);
    expect(second.events).toEqual([]);
  });

  test("a success of the probe brings a credential back", async () => {
    const clock = manualClock();
    const health = createHealth({ clock });
    const plan = planOf(one, two);
    await run(plan, { one: "rate_limit", two: "ok" }, { health });
    clock.advance(30_000);
    expect((await run(plan, { one: "ok" }, { health })).value?.by).toBe("one");
    expect(health.inspect()).toEqual([]);
  });

  test.each<FailureClass>(["timeout", "server", "format", "overloaded", "auth", "unknown"])("%s leaves no mark", async (failure) => {
    const health = createHealth({ clock: manualClock() });
    await run(planOf(one, two), { one: failure }, { health });
    expect(health.inspect()).toEqual([]);
  });

  test("all cooling is an error of its own that tells when to come back", async () => {
    const clock = manualClock();
    const health = createHealth({ clock });
    const plan = planOf(one, two);
    await run(plan, { one: "rate_limit", two: "rate_limit" }, { health });
    const result = await run(plan, {}, { health });
    expect(result.error).toBeInstanceOf(RotationError);
    expect(result.error).toMatchObject({ code: "all-cooling", cooling: [{ id: "one", until: clock.now() + 30_000 }, { id: "two" }] });
    expect(result.attempts).toEqual([]);
  });

  test("no credential is an error of its own", async () => {
    expect((await run(planOf(), {})).error).toMatchObject({ code: "no-credentials" });
  });
});

describe("waiting for the first to recover", () => {
  const cooling = async () => {
    const clock = manualClock();
    const health = createHealth({ clock });
    const plan = planOf(one, two);
    await run(plan, { one: "rate_limit", two: "rate_limit" }, { health });
    return { clock, health, plan };
  };

  test("is done where it is short enough, once", async () => {
    const { clock, health, plan } = await cooling();
    const waiting = run(plan, { one: "ok" }, { health, clock, maxWaitMs: 30_000 });
    await clock.waitForSleepers();
    expect(clock.sleeping()).toEqual([clock.now() + 30_000]);
    clock.advance(30_000);
    const result = await waiting;
    expect(result.value?.by).toBe("one");
    expect(result.events).toEqual([{ type: "waited", plan, durationMs: 30_000 }]);
  });

  test.each<[string, Partial<RotateOptions<Answer>>]>([
    ["not for longer than allowed", { maxWaitMs: 29_999 }],
    ["not unless asked", {}],
    ["not for no time", { maxWaitMs: 0 }],
  ])("%s", async (_, options) => {
    const { clock, health, plan } = await cooling();
    const result = await run(plan, {}, { health, clock, ...options });
    expect(result.error).toMatchObject({ code: "all-cooling" });
    expect(result.events).toEqual([]);
  });

  test("not while one of them can be tried", async () => {
    const { clock, health, plan } = await cooling();
    const result = await run({ ...plan, candidates: [...plan.candidates, three] }, { three: "ok" }, { health, clock, maxWaitMs: 60_000 });
    expect(result.value?.by).toBe("three");
  });

  test("lets everybody who waits through, those who probe and the others right after them", async () => {
    const { clock, health, plan } = await cooling();
    const probe = Promise.withResolvers<void>();
    const started = [probe.promise, probe.promise];
    const answer = async (): Promise<Answer> => {
      await started.shift();
      return { by: "anyone" };
    };
    const waiting = [1, 2, 3].map(() => rotate(plan, answer, { classify, health, clock, maxWaitMs: 60_000 }));
    await clock.waitForSleepers(3);
    clock.advance(30_000);
    // Two probe the two credentials now; the third looks again a little later, and finds one free.
    await clock.waitForSleepers(1);
    probe.resolve();
    await Promise.any(waiting);
    clock.advance(100);
    expect(await Promise.all(waiting)).toEqual([{ by: "anyone" }, { by: "anyone" }, { by: "anyone" }]);
  });

  test("ends with an abort, as it came", async () => {
    const { clock, health, plan } = await cooling();
    const controller = new AbortController();
    const waiting = run(plan, {}, { health, clock, maxWaitMs: 60_000, signal: controller.signal });
    await clock.waitForSleepers();
    const reason = new Error("the client left");
    controller.abort(reason);
    expect((await waiting).error).toBe(reason);
  });
});

test("a key stored under two names is sent once", async () => {
  const named = (id: string, key: string): Candidate => {
    const info = { id, provider: "test-provider", origin: id, billing: "metered", hosts: [] } as const;
    return { ...info, via: "key", resolve: () => ({ ...info, generation: 0, kind: "api-key", secret: Secret.of(key) }) };
  };
  const plan = planOf(named("profile", "test-key-one"), named("environment", "test-key-one"), named("other", "test-key-two"));
  const result = await run(plan, { profile: "rate_limit", environment: "ok", other: "rate_limit" });
  expect(result.attempts).toEqual(["profile:0", "other:0"]);
  expect(result.value?.by).toBe("other");
  expectAllFreed(result);
});

test("events tell what failed and where it went", async () => {
  const plan = planOf(one, two, three);
  const { events } = await run(plan, { one: "rate_limit", two: "rate_limit", three: "ok" });
  const failure = { class: "rate_limit" };
  expect(events).toMatchObject([
    { type: "failed", plan, candidate: { id: "one" }, failure },
    { type: "rotated", plan, from: { id: "one" }, to: { id: "two" }, failure },
    { type: "failed", plan, candidate: { id: "two" }, failure },
    { type: "rotated", plan, from: { id: "two" }, to: { id: "three" }, failure },
  ]);
});

test("events tell that a credential is left alone from now on, until when, and when that gets longer, and nothing else of it", async () => {
  const clock = manualClock();
  const health = createHealth({ clock });
  const plan = planOf(one, two);
  const cooling = async (script: Script) => {
    const { events } = await run(plan, script, { health, advance: profileFailover() });
    return events.flatMap((event) => (event.type === "cooling" ? [[event.candidate.id, event.until - clock.now(), event.reason]] : []));
  };
  expect(await cooling({ one: "server", two: "ok" })).toEqual([]);
  expect(await cooling({ one: "rate_limit", two: "ok" })).toEqual([["one", 30_000, "rate_limit"]]);
  expect(await cooling({ two: "ok" })).toEqual([]);
  clock.advance(30_000);
  expect(await cooling({ one: "server" })).toEqual([]);
  expect(await cooling({ one: "billing", two: "ok" })).toEqual([["one", 600_000, "billing"]]);
});

test("no event tells of a window that was there, which what was under way when it opened does not lengthen", async () => {
  const health = createHealth({ clock: manualClock() });
  const plan = planOf(one, two);
  const late = Promise.withResolvers<Answer>();
  const events: RotationEvent[] = [];
  const options = { classify, health, onEvent: (event: RotationEvent) => events.push(event) };
  const slow = rotate(plan, ({ id }) => (id === "one" ? late.promise : Promise.resolve({ by: id })), options);
  await run(plan, { one: "rate_limit", two: "ok" }, { health });
  late.resolve({ by: "one", failure: "rate_limit" });
  await slow;
  expect(events.map(({ type }) => type)).toEqual(["failed", "rotated"]);
});
