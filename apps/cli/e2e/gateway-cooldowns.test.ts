import { createTempHome, openaiCompletion, openaiError, startFakeProvider, type FakeProvider, type TempHome } from "@openclaw/testkit";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { openclaw, startOpenclawGateway } from "./openclaw.ts";

const STATE = ".openclaw/agents/main/agent/auth-state.json";
const limited = {
  status: 429,
  body: openaiError("Rate limit reached", "requests", "rate_limit_exceeded"),
  headers: { "retry-after": "600" },
};
const fine = { body: openaiCompletion("hello"), repeat: true };
const profile = (name: string) => ({ type: "api_key", provider: "openai", key: `test-key-${name}` });

let home: TempHome;
let provider: FakeProvider;

/** A profile that is limited, before one that is well, before a key of the environment. */
beforeEach(async () => {
  home = await createTempHome();
  provider = await startFakeProvider({ replies: { "test-key-first": [limited, fine], "test-key-second": fine } });
  await home.write(".openclaw/openclaw.json", {
    gateway: { mode: "local" },
    agents: { defaults: { model: "openai/some-model" } },
    models: { providers: { openai: { baseUrl: `${provider.url}/v1` } } },
  });
  await home.write(".openclaw/agents/main/agent/auth-profiles.json", {
    version: 1,
    profiles: { "openai:first": profile("first"), "openai:second": profile("second") },
    order: { openai: ["openai:first", "openai:second"] },
  });
});
afterEach(async () => {
  await provider.close();
  await home.remove();
});

async function startGateway() {
  const { url, running } = await startOpenclawGateway(home, ["gateway", "--port", "0"]);
  const token = (await home.read(".openclaw/gateway-token")).trim();
  const ask = async () => {
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ model: "openclaw/default", messages: [{ role: "user", content: "hi" }] }),
    });
    await response.arrayBuffer();
    return response.status;
  };
  return { running, ask };
}

const keysSeen = () => provider.keysSeen().map((key) => key.slice("test-key-".length));
const isKept = () => vi.waitFor(async () => expect(await home.read(STATE)).toContain("rate_limit"), { timeout: 10_000 });

describe("cooldowns of a gateway", () => {
  test("hold after it was killed and started again", async () => {
    const first = await startGateway();
    expect(await first.ask()).toBe(200);
    await isKept();
    first.running.signal("SIGKILL");
    await first.running.exited;

    const second = await startGateway();
    expect(await second.ask()).toBe(200);
    await second.running.stop();
    expect(keysSeen()).toEqual(["first", "second", "second"]);
  });

  test("are kept before it stops, at once", async () => {
    const { ask, running } = await startGateway();
    await ask();
    running.signal("SIGTERM");
    await running.exited;
    expect(JSON.parse(await home.read(STATE))).toMatchObject({
      version: 1,
      credentials: { "openai:first": { windows: { "some-model": { reason: "rate_limit" } } } },
      lastGood: { openai: "openai:second" },
    });
  });

  test("end where somebody clears them, without a restart", async () => {
    const { ask, running } = await startGateway();
    await ask();
    await isKept();
    const cleared = await openclaw(home, ["models", "auth", "clear-cooldown", "openai:first"]);
    expect([cleared.code, cleared.stderr]).toEqual([0, ""]);
    await vi.waitFor(
      async () => {
        await ask();
        expect(keysSeen().at(-1)).toBe("first");
      },
      { timeout: 10_000, interval: 100 },
    );
    await running.stop();
  });

  test("that cannot be kept are told of, and it serves on", async () => {
    await home.write(`${STATE}/in-the-way`, "");
    const { ask, running } = await startGateway();
    expect([await ask(), await ask()]).toEqual([200, 200]);
    expect(keysSeen()).toEqual(["first", "second", "second"]);
    running.signal("SIGTERM");
    await running.exited;
    expect(running.stdout().match(/cooldowns are not kept: .*auth-state\.json/gu)).toHaveLength(1);
  });

  test("have the names for commands that an error of the gateway has", async () => {
    const keyRef = { source: "env", provider: "default", id: "SECOND_KEY" };
    await home.write(".openclaw/agents/main/agent/auth-profiles.json", {
      version: 1,
      profiles: { "openai:first": profile("first"), "openai:ref": { type: "api_key", provider: "openai", keyRef } },
    });
    await provider.close();
    provider = await startFakeProvider({ default: { ...limited, repeat: true } });
    await home.write(".openclaw/openclaw.json", {
      gateway: { mode: "local" },
      models: { providers: { openai: { baseUrl: `${provider.url}/v1` } } },
    });
    const env = { SECOND_KEY: "test-key-second" };
    const { url, running } = await startOpenclawGateway(home, ["gateway", "--port", "0"], env);
    const token = (await home.read(".openclaw/gateway-token")).trim();
    const ask = async () => {
      const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
      const body = JSON.stringify({ model: "openai/some-model", messages: [] });
      return (await fetch(`${url}/v1/chat/completions`, { method: "POST", headers, body })).text();
    };
    await ask();
    const named = [...new Set((await ask()).match(/#[0-9a-f]{8}/gu))];
    await vi.waitFor(async () => expect((await home.read(STATE)).match(/rate_limit/gu)).toHaveLength(2), { timeout: 10_000 });
    await running.stop();
    expect(named).toHaveLength(2);
    for (const name of named) {
      const simulated = await openclaw(
        home,
        ["models", "auth", "simulate", "--model", "openai/some-model", "--fail", `${name}=429`, "--json"],
        { env },
      );
      expect(JSON.parse(simulated.stdout).faults[0].hits).toHaveLength(1);
      expect((await openclaw(home, ["models", "auth", "clear-cooldown", name], { env })).stdout).toContain("Cleared 1 cooldown");
    }
  });
});
