import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createTempHome, openaiCompletion, openaiError, startFakeProvider } from "@openclaw/testkit";
import { expect, onTestFinished, test } from "vitest";
import { freePort } from "./free-port.ts";
import { openclaw, startOpenclawGateway } from "./openclaw.ts";

const limited = { status: 429, body: openaiError("Rate limit reached", "requests", "rate_limit_exceeded") };
const fine = { body: openaiCompletion("hello"), repeat: true };

/** A gateway whose first account is limited. */
async function scene(state: "kept" | "unkept") {
  const home = await createTempHome();
  const provider = await startFakeProvider({ replies: { "test-key-first": [limited, fine], "test-key-second": fine } });
  const port = await freePort();
  await home.write(".openclaw/openclaw.json", {
    gateway: { mode: "local", port },
    agents: { defaults: { model: "openai/some-model" } },
    models: { providers: { openai: { baseUrl: `${provider.url}/v1` } } },
  });
  const profile = (name: string) => ({ type: "api_key", provider: "openai", key: `test-key-${name}` });
  await home.write(".openclaw/agents/main/agent/auth-profiles.json", {
    version: 1,
    profiles: { "openai:first": profile("first"), "openai:second": profile("second") },
    order: { openai: ["openai:first", "openai:second"] },
  });
  if (state === "unkept") await mkdir(join(home.path, ".openclaw/agents/main/agent/auth-state.json"));
  const { url, running } = await startOpenclawGateway(home, ["gateway"]);
  onTestFinished(async () => {
    await running.stop();
    await provider.close();
    await home.remove();
  });
  const token = (await home.read(".openclaw/gateway-token")).trim();
  const keyUsed = async () => {
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ model: "openclaw/default", messages: [{ role: "user", content: "hi" }] }),
    });
    await response.arrayBuffer();
    return provider.keysSeen().at(-1);
  };
  return { home, url, keyUsed };
}

test("clear-cooldown reaches the running gateway before it returns", async () => {
  const { home, url, keyUsed } = await scene("kept");
  expect(await keyUsed()).toBe("test-key-second");
  const { code, stdout, stderr } = await openclaw(home, ["models", "auth", "clear-cooldown", "openai:first", "--json"]);
  expect([code, stderr]).toEqual([0, ""]);
  expect(JSON.parse(stdout)).toMatchObject({ gateway: { status: "cleared", url } });
  expect(await keyUsed()).toBe("test-key-first");
});

test("clear-cooldown reaches a gateway that cannot write its cooldowns down, and says what is wrong with the file", async () => {
  const { home, keyUsed } = await scene("unkept");
  expect(await keyUsed()).toBe("test-key-second");
  const { code, stderr } = await openclaw(home, ["models", "auth", "clear-cooldown", "--provider", "openai"]);
  expect([code, stderr]).toEqual([1, expect.stringMatching(/^The running gateway let go of 1 cooldown\.\nError: .*auth-state\.json/u)]);
  expect(await keyUsed()).toBe("test-key-first");
});
