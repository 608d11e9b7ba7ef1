import { customSpec, type ProbeFetch } from "@openclaw/providers";
import { Secret, type Candidate } from "@openclaw/secrets";
import { manualClock } from "@openclaw/testkit";
import { expect, test } from "vitest";
import type { ProbeTarget } from "./probe-targets.ts";
import { runProbes } from "./run-probes.ts";

const choice = { profileIds: [], timeoutMs: 1000, concurrency: 2, maxTokens: 8 };
const origin = "https://llm.example";

function candidate(id: string): Candidate {
  const info = { id, provider: "mine", origin: id, billing: "metered", hosts: [origin] } as const;
  return { ...info, via: "key", resolve: () => ({ ...info, generation: 0, kind: "api-key", secret: Secret.of(`test-key-${id}`) }) };
}

function target(id: string): ProbeTarget {
  return {
    account: { provider: "mine", label: id, source: "env" },
    question: {
      spec: customSpec({ id: "mine", baseUrl: origin }),
      baseUrl: new URL(origin),
      isLocal: false,
      model: "m",
      candidate: candidate(id),
    },
  };
}

/** Tells when so many have come. */
function arrivals() {
  let count = 0;
  const waiting = new Map<number, () => void>();
  return {
    add() {
      count += 1;
      waiting.get(count)?.();
    },
    reached: (wanted: number) => (count >= wanted ? Promise.resolve() : new Promise<void>((resolve) => waiting.set(wanted, resolve))),
    count: () => count,
  };
}

test("so many at once, the next as soon as one is done, and the results in the order of the targets", async () => {
  const clock = manualClock();
  const open: string[] = [];
  const asked = arrivals();
  const fetch: ProbeFetch = (_url, { headers, signal }) => {
    const key = headers["authorization"] ?? "";
    open.push(key);
    asked.add();
    const { promise, reject } = Promise.withResolvers<never>();
    signal.addEventListener("abort", () => {
      open.splice(open.indexOf(key), 1);
      reject(signal.reason);
    });
    return promise;
  };
  const known: ProbeTarget = { account: { provider: "mine", label: "known", source: "profile" }, known: { status: "no_model" } };
  const targets = [target("a"), known, target("b"), target("c")];
  const running = runProbes(targets, choice, { fetch: () => fetch, clock, signal: new AbortController().signal });
  await asked.reached(2);
  expect(open).toEqual(["Bearer test-key-a", "Bearer test-key-b"]);
  clock.advance(1000);
  await asked.reached(3);
  expect(open).toEqual(["Bearer test-key-c"]);
  clock.advance(1000);
  expect((await running).map(({ label, status }) => `${label} ${status}`)).toEqual([
    "a timeout",
    "known no_model",
    "b timeout",
    "c timeout",
  ]);
  expect(clock.sleeping()).toEqual([]);
});

test("an abort ends all of them, and starts no other", async () => {
  const stop = new AbortController();
  const clock = manualClock();
  const asked = arrivals();
  const fetch: ProbeFetch = () => {
    asked.add();
    return new Promise(() => undefined);
  };
  const running = runProbes([target("a"), target("b"), target("c")], choice, { fetch: () => fetch, clock, signal: stop.signal });
  await asked.reached(2);
  stop.abort(new Error("enough"));
  await expect(running).rejects.toThrow("enough");
  expect(asked.count()).toBe(2);
  expect(clock.sleeping()).toEqual([]);
});
