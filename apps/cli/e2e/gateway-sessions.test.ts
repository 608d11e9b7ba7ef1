import { createTempHome, openaiCompletion, startFakeProvider, type FakeProvider, type TempHome } from "@openclaw/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startOpenclawGateway } from "./openclaw.ts";

const FILE = ".openclaw/agents/main/agent/sessions.json";
let home: TempHome;
let provider: FakeProvider;

beforeEach(async () => {
  home = await createTempHome();
  provider = await startFakeProvider({ replies: { "test-key-one": { body: openaiCompletion("one"), repeat: true } } });
  await home.write(".openclaw/openclaw.json", {
    gateway: { mode: "local" },
    agents: { defaults: { model: "openai/some-model" } },
    models: { providers: { openai: { baseUrl: `${provider.url}/v1` } } },
  });
});
afterEach(async () => {
  await provider.close();
  await home.remove();
});

async function startGateway() {
  const { url, running } = await startOpenclawGateway(home, ["gateway", "--port", "0"], { OPENAI_API_KEY: "test-key-one" });
  const token = (await home.read(".openclaw/gateway-token")).trim();
  const say = async (session: string, content: string) => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json", "x-openclaw-session-key": session };
    const body = JSON.stringify({ model: "openclaw", messages: [{ role: "user", content }] });
    return (await fetch(`${url}/v1/chat/completions`, { method: "POST", headers, body })).text();
  };
  return { running, say };
}

const modelsAsked = () => provider.hits.map((hit) => JSON.parse(hit.body.toString()).model);

test("a gateway that is killed while it writes leaves a file that is whole, and the next one goes on with every pin in it", async () => {
  let known = new Set<string>();
  for (let round = 0; round < 3; round += 1) {
    const { running, say } = await startGateway();
    const pin = (index: number) => say(`r${round}-${index}`, `/model openai/m${round}-${index}`).catch(() => "");
    await pin(0);
    await expect.poll(() => home.read(FILE).catch(() => "")).toContain(`m${round}-0`);
    const pins = Array.from({ length: 40 }, (_, index) => pin(index + 1));
    await Promise.race(pins.slice(20));
    running.signal("SIGKILL");
    await Promise.all([...pins, running.exited]);
    const kept: Record<string, { readonly modelOverride: string }> = JSON.parse(await home.read(FILE).catch(() => "{}"));
    const models = new Set(Object.values(kept).map(({ modelOverride }) => modelOverride));
    for (const model of known) expect(models).toContain(model);
    known = models;
  }
  expect(known.size).toBeGreaterThan(0);
  const { running, say } = await startGateway();
  for (const model of known) await say(model.replace("m", "r"), "hi");
  expect(modelsAsked()).toEqual([...known]);
  await running.stop();
});

test("a pin is kept over a stop that follows it at once", async () => {
  const first = await startGateway();
  expect(await first.say("one", "/model openai/chosen")).toContain("is pinned to openai/chosen");
  first.running.signal("SIGTERM");
  await first.running.exited;
  const second = await startGateway();
  await second.say("one", "hi");
  expect(modelsAsked()).toEqual(["chosen"]);
  await second.running.stop();
});
