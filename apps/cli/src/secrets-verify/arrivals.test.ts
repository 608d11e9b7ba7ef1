import { expect, test } from "vitest";
import { judgeArrivals } from "./arrivals.ts";

const providers = [
  { id: "openai", dialect: "openai-completions", labels: ["env-1", "env-2"] },
  { id: "groq", dialect: "openai-completions", labels: ["config-env"] },
] as const;
const all = [
  { provider: "openai", label: "env-1" },
  { provider: "openai", label: "env-2" },
  { provider: "groq", label: "config-env" },
];

test("every key at its own provider is fine, however often", () => {
  expect(judgeArrivals([...all, ...all], providers)).toEqual({ id: "keys reach their own provider only", findings: [] });
});

test("D16: a key that another provider gets is a leak, told once", () => {
  const stray = { provider: "groq", label: "env-1" };
  expect(judgeArrivals([...all, stray, stray], providers).findings).toEqual([
    { place: "request to groq", canary: "env-1", form: "plain", isPiece: false },
  ]);
});

test("a key that was never sent proves nothing, and is said", () => {
  expect(judgeArrivals(all.slice(1), providers)).toMatchObject({ status: "failed", reason: "not sent: env-1" });
});
