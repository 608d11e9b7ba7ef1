import { expect, test } from "vitest";
import type { GatewayReloadReport } from "../reload-report.ts";
import { renderReload } from "./secrets-reload.ts";

const report: GatewayReloadReport = {
  ok: true,
  outcome: "swapped",
  generation: 3,
  changed: [],
  failures: [],
  warningCount: 0,
  diagnostics: [],
};
const failure = { path: "a.b", ref: "env:default:KEY", code: "reference-unresolved", message: "it is not set" };

test.each<[string, Partial<GatewayReloadReport>, readonly string[]]>([
  ["nothing changed", {}, ["Everything was read again, and no secret changed (generation 3)."]],
  ["some are", { changed: ["a.b", "c.d"] }, ["Secrets reloaded, 2 changed (generation 3):", "  a.b", "  c.d"]],
  [
    "kept",
    { outcome: "kept", failures: [{ ...failure, hint: "set KEY" }] },
    [
      "Not reloaded: the gateway keeps the secrets it had (generation 3).",
      "Did not resolve:",
      "  a.b (env:default:KEY) reference-unresolved: it is not set",
      "    set KEY",
    ],
  ],
  [
    "isolated, from a gateway that gives no hint",
    { failures: [failure] },
    [
      "Everything was read again, and no secret changed (generation 3).",
      "Did not resolve, and what needs them keeps its last value or is off:",
      "  a.b (env:default:KEY) reference-unresolved: it is not set",
      "    openclaw secrets explain a.b",
    ],
  ],
  [
    "with warnings, and nothing that drives a terminal",
    { warningCount: 1, diagnostics: [{ code: "SECRETS_REF_OVERRIDES_PLAINTEXT", message: "x\u001b[2J\u202ey" }] },
    ["Everything was read again, and no secret changed (generation 3).", "Warnings (1):", "  SECRETS_REF_OVERRIDES_PLAINTEXT: x y"],
  ],
])("%s", (_name, given, lines) => {
  expect(renderReload({ ...report, ...given }).split("\n")).toEqual(lines);
});
