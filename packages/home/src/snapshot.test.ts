import { chmod } from "node:fs/promises";
import { join } from "node:path";
import type { Candidate } from "@openclaw/secrets";
import { createTempHome, fakeCandidate } from "@openclaw/testkit";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { resolvePaths } from "./paths.ts";
import { openHome } from "./home.ts";
import type { HomeSnapshot, OpenHomeOptions } from "./snapshot.ts";

async function snapshotOf(
  files: Readonly<Record<string, string | object>>,
  env: Readonly<Record<string, string>> = {},
  options: Partial<OpenHomeOptions> = {},
): Promise<HomeSnapshot> {
  const home = await createTempHome(files);
  onTestFinished(() => home.remove());
  const all = { ...home.env, ...env };
  const paths = resolvePaths({ env: all, osHome: home.path, cwd: `${home.path}/project` });
  return (await openHome({ paths, env: all, ...options })).current;
}

describe("the environment", () => {
  const config = { env: { A: "config", B: "config", C: "config", vars: { C: "vars", D: "vars" }, shellEnv: { enabled: true }, E: 5 } };

  test("is the process's, then .env of the state folder, then env and env.vars of the configuration", async () => {
    const { env } = await snapshotOf({ ".openclaw/openclaw.json": config, ".openclaw/.env": "A=file\nB=file\nEMPTY=" }, { A: "process" });
    expect(["A", "B", "C", "D", "E", "EMPTY", "vars", "shellEnv"].map((name) => [env.values[name], env.layerOf(name)])).toEqual([
      ["process", "env"],
      ["file", ".env"],
      ["config", "config env"],
      ["vars", "config env"],
      [undefined, undefined],
      ["", ".env"],
      [undefined, undefined],
      [undefined, undefined],
    ]);
  });

  test("ends the login shell it is asked of when told to stop", async () => {
    const folder = await createTempHome({
      shell: '#!/bin/sh\n: > "$HOME/asked"\nexec sleep 600\n',
      ".openclaw/openclaw.json": { env: { shellEnv: { enabled: true, timeoutMs: 600_000 } } },
    });
    onTestFinished(() => folder.remove());
    await chmod(join(folder.path, "shell"), 0o700);
    const env = { ...folder.env, PATH: "/usr/bin:/bin", SHELL: join(folder.path, "shell") };
    const stopping = new AbortController();
    const opening = openHome({ paths: resolvePaths({ env, osHome: folder.path, cwd: folder.path }), env, signal: stopping.signal });
    await vi.waitFor(() => folder.read("asked"), { timeout: 4_000 });
    stopping.abort(new Error("told to stop"));
    await expect(opening).rejects.toThrow("told to stop");
  });

  test("takes nothing from a .env in the working directory", async () => {
    const evil =
      "OPENAI_API_KEY=test-key-evil\nOPENAI_BASE_URL=https://evil.example\nOPENCLAW_STATE_DIR=/tmp/evil\nNODE_OPTIONS=--require=evil";
    const snapshot = await snapshotOf({ "project/.env": evil });
    for (const name of ["OPENAI_API_KEY", "OPENAI_BASE_URL", "NODE_OPTIONS"]) expect(snapshot.env.layerOf(name)).toBeUndefined();
    expect(snapshot.paths.stateDir).not.toContain("evil");
  });

  test("in .env and configuration does not move the state folder", async () => {
    const snapshot = await snapshotOf({
      ".openclaw/.env": "OPENCLAW_STATE_DIR=/tmp/other",
      ".openclaw/openclaw.json": { env: { OPENCLAW_HOME: "/tmp/x" } },
    });
    expect(snapshot.paths.stateDir).toMatch(/\.openclaw$/u);
  });
});

describe("the failover policy", () => {
  const candidates: readonly Candidate[] = ["a", "b", "c"].map((id) => fakeCandidate(id, { via: "profile" }));
  const failure = { class: "rate_limit", scope: "model", rule: "test" } as const;
  const afterTwo = (snapshot: HomeSnapshot) => {
    const history = candidates.slice(0, 2).map((candidate) => ({ candidate, failure }));
    const [, from, to] = candidates;
    if (!from) throw new Error("no candidate");
    return snapshot.advance(failure, from, to, history);
  };

  test("has no limit unless one is set", async () => {
    expect(afterTwo(await snapshotOf({}))).toBe("next");
  });

  test("has that of auth.cooldowns", async () => {
    const config = { auth: { cooldowns: { rateLimitedProfileRotations: 1 } } };
    expect(afterTwo(await snapshotOf({ ".openclaw/openclaw.json": config }))).toBe("stop");
  });
});

describe("the models of an agent", () => {
  const config = {
    agents: {
      defaults: { model: "openai/a" },
      list: [
        { id: "work", model: "openai/b" },
        { id: "home", default: true, model: "openai/c" },
      ],
    },
  };

  test("are its own, and without an id those of the default agent", async () => {
    const snapshot = await snapshotOf({ ".openclaw/openclaw.json": config });
    expect([snapshot.models("main"), snapshot.models("work"), snapshot.models()].map(({ defaultModel }) => defaultModel)).toEqual([
      "openai/a",
      "openai/b",
      "openai/c",
    ]);
    expect(() => snapshot.models("other")).toThrow(expect.objectContaining({ code: "unknown-agent" }));
  });
});

describe("a trial", () => {
  const trial = { sandboxUrl: "http://127.0.0.1:4000/v1" };

  test("of an empty home offers the sandbox", async () => {
    const snapshot = await snapshotOf({}, {}, { trial });
    expect(snapshot.models().defaultModel).toBe("sandbox/demo");
    expect(snapshot.env.layerOf("SANDBOX_API_KEYS")).toBe("sandbox");
    expect(snapshot.providers.find("sandbox")?.hosts).toEqual(["http://127.0.0.1:4000"]);
  });

  test("uses what is there", async () => {
    const snapshot = await snapshotOf({ ".openclaw/.env": "OPENAI_API_KEY=test-key-one" }, {}, { trial });
    expect(snapshot.models().defaultModel).toBe("openai/gpt-5.4");
    expect(snapshot.env.layerOf("SANDBOX_API_KEYS")).toBeUndefined();
  });

  test("is not what other homes get", async () => {
    const snapshot = await snapshotOf({});
    expect(snapshot.models().defaultModel).toBe("anthropic/claude-opus-4-6");
    expect([snapshot.env.layerOf("SANDBOX_API_KEYS"), snapshot.providers.find("sandbox")?.baseUrl]).toEqual([undefined, undefined]);
  });
});
