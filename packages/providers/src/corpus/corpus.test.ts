import { readdirSync, readFileSync } from "node:fs";
import type { Failure } from "@openclaw/key-rotation";
import { describe, expect, test } from "vitest";
import { classifyFailure } from "../classify.ts";
import { codes, generalCodes, vagueCodes, vagueVendorCodes, vendorCodes } from "../classify/code-tables.ts";
import type { Outcome } from "../classify/evidence.ts";
import { publicPrefixes } from "../public-prefix.ts";
import { findProvider } from "../table.ts";
import { readCorpusFile } from "./corpus-case.ts";
import type { CorpusInput } from "./corpus-input.ts";
import { failureCorpus, inputFor, runCorpus, wrapInSuccess } from "./index.ts";

/** The classifier of this package as another gateway would hand in its own. */
function judge({ provider, status, headers, body, error, now }: CorpusInput): Failure | undefined {
  const outcome: Outcome = {
    ...(status !== undefined && { status }),
    ...(error === undefined ? { header: (name) => headers[name] } : { error }),
    ...(body !== undefined && { errorText: body }),
  };
  return classifyFailure(outcome, findProvider(provider), now);
}

const documentation = readFileSync(new URL("../../../../docs/reference/failure-corpus.md", import.meta.url), "utf8");

const vendorsOf = (id: string) => id.split("/")[0] ?? "";

describe("the corpus", () => {
  test("is large, and large for every vendor", () => {
    const perVendor = Map.groupBy(failureCorpus, ({ id }) => vendorsOf(id));
    expect(failureCorpus.length).toBeGreaterThanOrEqual(390);
    expect([...perVendor.keys()]).toHaveLength(17);
    for (const [vendor, cases] of perVendor) expect([vendor, cases.length >= 14]).toEqual([vendor, true]);
  });

  test("has as many cases as its documentation says", () => {
    expect(documentation).toContain(`: ${failureCorpus.length} cases of 15 vendors`);
  });

  test("names each case once, and a provider of the table in each but those of relays", () => {
    expect(new Set(failureCorpus.map(({ id }) => id)).size).toBe(failureCorpus.length);
    const unknown = failureCorpus.filter(({ provider }) => findProvider(provider) === undefined).map(({ provider }) => provider);
    expect(new Set(unknown)).toEqual(new Set(["relay"]));
  });

  test("says of each case what it is about and where its shape was seen", () => {
    for (const { id, note, source } of failureCorpus) {
      expect([id, note.length > 4, URL.canParse(source)]).toEqual([id, true, true]);
    }
  });

  test("holds no key, no address of a person, and no header by another name than the lower-case one", () => {
    const text = JSON.stringify(failureCorpus);
    for (const prefix of publicPrefixes) expect(text).not.toMatch(new RegExp(`${prefix.replaceAll(/\W/g, String.raw`\$&`)}[\\w-]{16,}`));
    expect(text).not.toMatch(/[\w.]+@[\w-]+\.(?:com|org|net|io)\b/);
    for (const { headers } of failureCorpus) for (const name of Object.keys(headers)) expect(name).toBe(name.toLowerCase());
  });
});

describe("classifyFailure on the corpus", () => {
  test("is right in class, scope, window, time and code, and sees no failure in the same words as a success", () => {
    const report = runCorpus(judge, { knows: ["scope", "window", "retryAt", "providerCode"] });
    expect(report).toEqual({ cases: failureCorpus.length, differences: [], wrapped: failureCorpus.length * 15, falseAlarms: [] });
  });

  test("reads times to the millisecond", () => {
    for (const entry of failureCorpus) {
      const { retryAfterMs } = entry.expected ?? {};
      const retryAt = judge(inputFor(entry))?.retryAt;
      expect([entry.id, retryAt === undefined ? undefined : Math.round(retryAt - entry.now)]).toEqual([entry.id, retryAfterMs]);
    }
  });
});

/** Names in the table of rules of the documentation. */
function documentedRules(): readonly string[] {
  const [, rules = ""] = documentation.split("## Rules");
  return [...rules.matchAll(/^\| `([a-z0-9-]+)`/gm)].map((match) => match[1] ?? "");
}

const body = (error: Record<string, unknown>): string => JSON.stringify({ error });

/** What the corpus has no example of. */
const rest: readonly (readonly [outcome: Outcome, provider?: string])[] = [
  [{ error: Object.assign(new Error("x"), { name: "AuthProfileError", code: "oauth-expired" }) }],
  [{ status: 402, errorText: "too many requests" }],
  [{ status: 403, errorText: "this key has been revoked" }],
  [{ status: 410 }],
  [{ status: 410, errorText: "session expired" }],
  [{ status: 499 }],
  [{ status: 499, errorText: "overloaded" }],
  [{ status: 504 }],
  [{ status: 507 }],
  [{ status: 521 }],
  [{ status: 523 }],
  [{ errorText: "monthly spending limit reached: payment required" }],
  [{ errorText: "weekly limit reached" }],
  [{ errorText: "insufficient quota: the plan has no more" }, "x"],
  [{ errorText: "too many requests" }],
  [{ errorText: "the server is overloaded" }],
  [{ errorText: "insufficient credits" }],
  [{ errorText: "api key revoked" }],
  [{ errorText: "invalid api key" }],
  [{ errorText: "bad gateway" }],
  [{ errorText: "string should match pattern" }],
  [{ errorText: "socket hang up" }],
  [{ errorText: "error: 402" }],
  [{ status: 403, errorText: body({ code: "insufficient_quota" }) }],
  [{ status: 422, errorText: "insufficient quota" }],
  [{ errorText: body({ message: "x", details: [{ metadata: { quota_limit: "RequestsPerMinutePerProject" } }] }) }, "google"],
  [{ errorText: body({ message: "request reached organization max RPM: 3" }) }, "moonshot"],
];

describe("rules", () => {
  test("every code of the tables means what its table says", () => {
    const tables = [
      ...[codes, generalCodes].map((table) => ["openai", table] as const),
      ...Object.entries(vendorCodes).map(([provider, table]) => [provider, table] as const),
    ];
    for (const [provider, table] of tables) {
      for (const [failureClass, list] of table) {
        for (const code of list.split(" ")) {
          const failure = classifyFailure({ errorText: body({ code }) }, findProvider(provider), 0);
          const isUnpaid = code === "insufficient_quota" && failureClass === "billing";
          expect([code, failure?.class, failure?.rule]).toEqual(
            isUnpaid ? [code, "rate_limit", "unpaid-without-status"] : [code, failureClass, `code-${code}`],
          );
        }
      }
    }
  });

  test("every code that says only whose fault it was says so where nothing says more", () => {
    const tables = [["openai", vagueCodes] as const, ...Object.entries(vagueVendorCodes)];
    for (const [provider, table] of tables) {
      for (const [failureClass, list] of table) {
        for (const code of list.split(" ")) {
          const failure = classifyFailure({ errorText: body({ code, message: "x" }) }, findProvider(provider), 0);
          expect([code, failure?.class]).toEqual([code, failureClass]);
        }
      }
    }
    expect(classifyFailure({ errorText: body({ code: "api_error", message: "insufficient credits" }) }, undefined, 0)?.class).toBe(
      "billing",
    );
  });

  test("every rule that the code names is documented", () => {
    const folder = new URL("../classify/", import.meta.url);
    const files = readdirSync(folder).filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"));
    const sources = [...files.map((name) => new URL(name, folder)), new URL("../classify.ts", import.meta.url)].map((file) =>
      readFileSync(file, "utf8"),
    );
    const named = [...sources.join("\n").matchAll(/(?:rule: |refused\(|malformed\()"([a-z0-9-]+)"/g)].map((match) => match[1]);
    expect(named.length).toBeGreaterThan(40);
    expect(documentedRules()).toEqual(expect.arrayContaining(named));
  });

  test("every other rule that the documentation names is decided by a case, and none is that it does not name", () => {
    const fired = [
      ...failureCorpus.map((entry) => judge(inputFor(entry))?.rule),
      ...rest.map(([outcome, provider = "openai"]) => classifyFailure(outcome, findProvider(provider), 0)?.rule),
    ].filter((rule) => rule !== undefined && !rule.startsWith("code-"));
    expect([...new Set(fired)].toSorted()).toEqual(documentedRules().toSorted());
  });
});

describe("runCorpus", () => {
  const file = (expected: unknown) => ({
    now: "2026-03-01T12:00:00Z",
    cases: [
      {
        id: "a/b",
        provider: "x",
        arrives: "response",
        status: 429,
        headers: {},
        body: { error: "x" },
        expected,
        note: "A note.",
        source: "x",
      },
    ],
  });
  const cases = readCorpusFile(file({ class: "rate_limit", scope: "model", retryAfterMs: 20_000, providerCode: "x" }));
  const [entry] = cases;
  const now = Date.parse("2026-03-01T12:00:00Z");
  const isWrapped = ({ status }: CorpusInput) => status === 200;

  test("compares the class alone of a classifier that says no more", () => {
    const report = runCorpus((input) => (isWrapped(input) ? undefined : { class: "rate_limit" }), { cases });
    expect(report).toEqual({ cases: 1, differences: [], wrapped: 15, falseAlarms: [] });
  });

  test("tells each difference, and that there was none where a field is known", () => {
    const wrong = runCorpus((input) => (isWrapped(input) ? undefined : { class: "rate_limit", scope: "bucket", retryAt: now + 22_000 }), {
      cases,
      knows: ["providerCode"],
    });
    expect(wrong.differences).toEqual([
      { id: "a/b", field: "scope", expected: "model", actual: "bucket", note: "A note." },
      { id: "a/b", field: "retryAt", expected: now + 20_000, actual: now + 22_000, note: "A note." },
      { id: "a/b", field: "providerCode", expected: "x", actual: undefined, note: "A note." },
    ]);
    expect(runCorpus(() => undefined, { cases }).differences).toMatchObject([
      { field: "class", expected: "rate_limit", actual: undefined },
    ]);
  });

  test("lets a time be rounded to a second", () => {
    const near = runCorpus((input) => (isWrapped(input) ? undefined : { class: "rate_limit", retryAt: now + 20_600 }), { cases });
    expect(near.differences).toEqual([]);
  });

  test("goes on when a classifier throws", () => {
    const failure = new Error("a bug");
    const report = runCorpus(
      () => {
        throw failure;
      },
      { cases },
    );
    expect(report.differences).toMatchObject([{ field: "threw", actual: failure }]);
    expect(report.falseAlarms).toHaveLength(15);
  });

  test("tells a classifier that reads what a model says", () => {
    const report = runCorpus((input) => (input.body?.includes("error") === true ? { class: "rate_limit" } : undefined), { cases });
    expect(report.falseAlarms.map(({ wrapping }) => wrapping)).toEqual(entry && wrapInSuccess(entry).map(({ wrapping }) => wrapping));
  });

  test.each([
    ["no cases", { now: "2026-03-01T12:00:00Z" }],
    ["no id", { now: "2026-03-01T12:00:00Z", cases: [{}] }],
    ["no time", { ...file(null), now: "soon" }],
    ["a class nobody knows", file({ class: "x", scope: "model" })],
    ["a scope nobody knows", file({ class: "unknown", scope: "x" })],
    ["another window", file({ class: "unknown", scope: "model", window: "x" })],
    ["nothing expected", file(undefined)],
  ])("refuses a file with %s", (_name, malformed) => {
    expect(() => readCorpusFile(malformed)).toThrow(TypeError);
  });

  test("builds what an SDK throws, with its cause", () => {
    const thrown = failureCorpus.find(({ id }) => id === "openai/sdk-connection");
    const { error } = thrown ? inputFor(thrown) : {};
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ name: "APIConnectionError", message: "Connection error.", cause: { code: "ECONNRESET" } });
  });
});
