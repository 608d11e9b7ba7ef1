import { expect, test } from "vitest";
import { renderVerify } from "./secrets-verify.ts";

const totals = { version: 1, canaries: 14, bytesSearched: 1_234_567, durationMs: 4_321 } as const;
const leak = (place: string) => ({ place, canary: "env-1", form: "base64", isPiece: true }) as const;

test("a clean run is a line per check and a total", () => {
  const text = renderVerify({ ...totals, status: "clean", checks: [{ id: "files", status: "ok", bytesSearched: 9, findings: [] }] });
  expect(text).toBe("  ok       files\n\n14 fake secrets, 1.2 MB searched, 4.3 s\nNo canary got out.");
});

test("a leak names place and form, the first twenty of a check, on one line each whatever the place is called", () => {
  const findings = ["a\u001B[2J\nb", ...Array.from({ length: 24 }, (_, index) => `file ${index}`)].map(leak);
  const text = renderVerify({ ...totals, status: "leak", checks: [{ id: "files", status: "leak", bytesSearched: 9, findings }] });
  expect(text).toContain("  LEAK     files\n             a b: a piece of the canary env-1 (base64)\n");
  expect(text).toContain("and 5 more (--json lists them)");
  expect(text).toContain("25 leak(s)");
  expect(text).not.toContain("\u001B");
});

test("what could not be exercised says why, and is no clean bill", () => {
  const checks = [{ id: "gateway", status: "failed", bytesSearched: 0, findings: [], reason: "it did not end in time" }] as const;
  const text = renderVerify({ ...totals, status: "failed", checks });
  expect(text).toContain("  FAILED   gateway: it did not end in time");
  expect(text).toContain("not everything could be exercised");
});
