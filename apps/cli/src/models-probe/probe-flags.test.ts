import { expect, test } from "vitest";
import { CliError } from "../exit.ts";
import { collect, readProbeFlags, type ProbeFlags } from "./probe-flags.ts";

test("without flags there are eight seconds, two at once and eight tokens, for all accounts", () => {
  expect(readProbeFlags({})).toEqual({ profileIds: [], timeoutMs: 8000, concurrency: 2, maxTokens: 8 });
});

test("profiles are named once each, in lists or one by one", () => {
  const probeProfile = ["a,b", " c ", "b", ",", ""].reduce<readonly string[]>((ids, id) => collect(id, ids), []);
  expect(readProbeFlags({ probeProfile, probeProvider: " z.ai " })).toMatchObject({ provider: "z.ai", profileIds: ["a", "b", "c"] });
  expect(readProbeFlags({ probeProvider: " " })).not.toHaveProperty("provider");
});

test.each<[ProbeFlags, object]>([
  [{ probeTimeout: "250.5" }, { timeoutMs: 250.5 }],
  [{ probeTimeout: "1e3" }, { timeoutMs: 1000 }],
  [{ probeConcurrency: "3.9" }, { concurrency: 3 }],
  [{ probeConcurrency: "0.5" }, { concurrency: 1 }],
  [{ probeMaxTokens: "1" }, { maxTokens: 1 }],
])("%j is read as %j", (flags, choice) => {
  expect(readProbeFlags(flags)).toMatchObject(choice);
});

test.each(["0", "-1", "soon", "", " ", "NaN", "Infinity", "8s"])("%j is no number of anything", (text) => {
  const messageOf = (flags: ProbeFlags) => {
    try {
      readProbeFlags(flags);
    } catch (error) {
      return error instanceof CliError ? error.message : "another error";
    }
    return "read";
  };
  expect([messageOf({ probeTimeout: text }), messageOf({ probeConcurrency: text }), messageOf({ probeMaxTokens: text })]).toEqual([
    "--probe-timeout must be a positive number (ms).",
    "--probe-concurrency must be > 0.",
    "--probe-max-tokens must be > 0.",
  ]);
});
