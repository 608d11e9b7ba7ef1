import { openHome, resolvePaths, type Home } from "@openclaw/home";
import { createRedactor, Secret, type Candidate } from "@openclaw/secrets";
import { createTempHome, fakeCandidate, manualClock } from "@openclaw/testkit";
import { expect, onTestFinished, test } from "vitest";
import type { GatewayEvent, RequestEnded } from "./context.ts";
import { createEventLog } from "./event-log.ts";

const request: RequestEnded = { type: "request", id: "r1", route: "/v1/models", method: "GET", status: 200, durationMs: 1.5 };

async function setUp(capacity?: number) {
  const files = await createTempHome({ ".openclaw/openclaw.json": {} });
  onTestFinished(() => files.remove());
  const home: Home = await openHome({ paths: resolvePaths({ env: files.env, osHome: files.path, cwd: files.path }), env: files.env });
  onTestFinished(() => home.close());
  const redactor = createRedactor();
  const clock = manualClock();
  const log = createEventLog({ home, clock, redactor, ...(capacity !== undefined && { capacity }) });
  return { log, redactor, clock, last: (): unknown => JSON.parse(log.at(log.newest)?.json() ?? "null") };
}

test("holds so many events and no more, each with its number", async () => {
  const { log } = await setUp(3);
  expect([log.oldest, log.newest, log.at(1)]).toEqual([1, 0, undefined]);
  for (const id of ["a", "b", "c", "d"]) log.record({ ...request, id });
  expect([log.oldest, log.newest]).toEqual([2, 4]);
  expect([1, 2, 4, 5].map((sequence) => log.at(sequence)?.sequence)).toEqual([undefined, 2, 4, undefined]);
  expect(log.at(4)?.json()).toContain('"id":"d"');
});

test("puts a request into words only when somebody reads it", async () => {
  const { log } = await setUp();
  let reads = 0;
  log.record({
    ...request,
    get model() {
      reads += 1;
      return "test/m";
    },
  });
  expect(reads).toBe(0);
  expect(log.at(1)?.json()).toBe(log.at(1)?.json());
  expect(reads).toBe(1);
});

test("tells listeners until it is closed", async () => {
  const { log } = await setUp();
  const told: string[] = [];
  const stop = log.listen((what) => told.push(`one ${what}`));
  log.listen((what) => told.push(`two ${what}`));
  log.record(request);
  stop();
  expect(log.listenerCount).toBe(1);
  log.close();
  log.record(request);
  expect(told).toEqual(["one event", "two event", "two closing"]);
  expect(log.listenerCount).toBe(0);
});

const secret = "test-key-hidden-value";
const one: Candidate = {
  ...fakeCandidate("test:one", { via: "profile" }),
  hosts: ["https://provider.example"],
  resolve: () => {
    throw new Error("an event resolves nothing");
  },
};
const plan = { provider: "test", model: "m", candidates: [one], excluded: [] };
const failure = { class: "rate_limit", scope: "model", rule: "status-429", status: 429, providerCode: `code ${secret}` } as const;
const credential = {
  id: "test:one",
  fingerprint: expect.stringMatching(/^#[0-9a-f]{8}$/u),
  provider: one.provider,
  origin: one.origin,
  billing: one.billing,
};

test.each<[GatewayEvent, object]>([
  [
    { type: "failed", plan, candidate: one, failure },
    { provider: "test", model: "m", credential, failure: { ...failure, providerCode: "code [redacted]" } },
  ],
  [
    { type: "rotated", plan, from: one, to: one, failure },
    { from: credential, to: credential, provider: "test", model: "m", failure: { ...failure, providerCode: "code [redacted]" } },
  ],
  [
    { type: "cooling", plan, candidate: one, until: 5, reason: "rate_limit" },
    { provider: "test", model: "m", credential, until: 5, reason: "rate_limit" },
  ],
  [
    { type: "waited", plan, durationMs: 7 },
    { provider: "test", model: "m", durationMs: 7 },
  ],
  [
    { type: "answer-cut", model: "test/m", candidate: one, requestId: "r1" },
    { model: "test/m", credential, requestId: "r1" },
  ],
  [
    { type: "refused", status: 400, code: "invalid_request", message: secret },
    { status: 400, code: "invalid_request", message: "[redacted]" },
  ],
  [
    { type: "internal", error: new Error(`broken: ${secret}`), requestId: "r1" },
    { message: "broken: [redacted]", requestId: "r1" },
  ],
  [
    { type: "accounts", added: ["test:one"], removed: [], replaced: [], renewed: [] },
    { added: ["test:one"], removed: [], replaced: [], renewed: [] },
  ],
  [
    { type: "account-state", event: { profileId: "test:one", provider: "test", from: "ok", to: "dead", at: 3, fix: "type this" } },
    { profileId: "test:one", provider: "test", from: "ok", to: "dead", at: 3, fix: "type this" },
  ],
  [
    {
      type: "secrets",
      read: "home",
      report: { outcome: "swapped", generation: 2, changed: ["a.b"], failures: [], diagnostics: [] },
      config: ["auth.pins"],
      env: ["SOME"],
    },
    {
      read: "home",
      config: ["auth.pins"],
      env: ["SOME"],
      outcome: "swapped",
      generation: 2,
      changed: ["a.b"],
      failures: [],
      diagnostics: [],
    },
  ],
])("tells of %o what is plain, and hides what is secret", async (event, view) => {
  const { log, redactor, clock, last } = await setUp();
  const withdraw = redactor.add(Secret.of(secret));
  log.record(event);
  // What nobody looks for any more when it is read was looked for when it happened.
  withdraw();
  expect(last()).toEqual({ at: clock.now(), ...view, type: event.type });
});
