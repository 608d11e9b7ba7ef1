import { describe, expect, test } from "vitest";
import type { SurfaceView } from "./explanation.ts";
import { gatewaySurface, type GatewaySurface } from "./gateway-view.ts";

const NOW = 1_000_000;
const ref = "env:default:SOME_KEY";
const local = (state: SurfaceView["state"]): SurfaceView => ({
  path: "models.providers.openai.apiKey",
  holds: "reference",
  state,
  ref,
  source: { source: "env", provider: "default", variable: "SOME_KEY" },
});
const { ref: _ref, ...plain } = local("live");
const remote = (status: string, more: Partial<GatewaySurface> = {}): GatewaySurface => ({
  path: "models.providers.openai.apiKey",
  status,
  ref,
  ...more,
});

describe("need 17: how a place stands in the running gateway, beside how it stands here", () => {
  test.each<[string, SurfaceView, GatewaySurface | undefined, RegExp | undefined]>([
    ["both have a value", local("live"), remote("live"), undefined],
    ["neither has one", local("cold"), remote("cold"), undefined],
    ["only here", local("live"), remote("cold"), /resolves here, but not in the running gateway/u],
    ["only there", local("cold"), remote("live"), /in the running gateway, but not here/u],
    ["there from the last time", local("live"), remote("stale"), /uses its last value.*secrets reload/u],
    ["a command that was not run here", local("skipped"), remote("live"), undefined],
    ["in use nowhere", local("inactive"), remote("inactive"), undefined],
    ["another reference there", local("live"), remote("live", { ref: "env:default:OLD" }), /still uses env:default:OLD/u],
    [
      "another value there",
      { ...local("live"), value: "sk-proj-#0a0a0a0a" },
      remote("live", { fingerprint: "#0b0b0b0b" }),
      /another value, #0b0b0b0b/u,
    ],
    ["the same value there", { ...local("live"), value: "sk-proj-#0a0a0a0a" }, remote("live", { fingerprint: "#0a0a0a0a" }), undefined],
    ["not known there", local("live"), undefined, /does not know this reference yet/u],
    ["a reference there, a value here", plain, remote("live"), /still uses env:default:SOME_KEY/u],
  ])("%s", (_name, here, there, note) => {
    const { note: found } = gatewaySurface(here, there, NOW) ?? {};
    expect(found ?? "").toMatch(note ?? /^$/u);
  });

  test("says how long ago it was resolved, also where clocks differ", () => {
    expect(gatewaySurface(local("live"), remote("live", { resolvedAt: NOW - 5_000 }), NOW)).toEqual({
      status: "live",
      resolvedAt: NOW - 5_000,
      ageMs: 5_000,
    });
    expect(gatewaySurface(local("live"), remote("live", { resolvedAt: NOW + 5_000 }), NOW)).toMatchObject({ ageMs: 0 });
  });
});
