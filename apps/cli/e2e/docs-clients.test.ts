import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createTempHome, runProcess } from "@openclaw/testkit";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { readDocPage, type DocPage } from "./doc-page.ts";
import { startOpenclawGateway } from "./openclaw.ts";
import { startSdkGateway, type SdkGateway } from "./sdk-gateway.ts";

/** What the page says the gateway listens at. */
const ADDRESS = "http://127.0.0.1:18789";

let gateway: SdkGateway;
let page: DocPage;

beforeAll(async () => {
  gateway = await startSdkGateway();
  gateway.provider.mock.onMessage("Hello", { content: "Hello yourself" });
  page = await readDocPage("clients", (text) => text.replaceAll(ADDRESS, gateway.url));
  await symlink(fileURLToPath(new URL("../node_modules", import.meta.url)), join(gateway.home.path, "node_modules"));
});
afterAll(() => gateway.close());

describe("every Node program on the page of clients runs as it is printed", () => {
  test.each([
    ["OpenAI", "openai", 2],
    ["Anthropic", "@anthropic-ai/sdk", 1],
    ["Gemini", "@google/genai", 1],
    ["Vercel AI", "ai", 2],
  ])("the %s SDK", async (_name, module, answers) => {
    const program = page.blocksOf("js").find((code) => code.includes(`from "${module}"`)) ?? "";
    await gateway.home.write(`${module.replaceAll("/", "-")}.mjs`, program);
    const { env, path: cwd } = gateway.home;
    const result = await runProcess(process.execPath, [`${module.replaceAll("/", "-")}.mjs`], { env, cwd, timeoutMs: 20_000 });
    expect(result).toMatchObject({ code: 0, stderr: "" });
    expect(result.stdout.match(/Hello yourself/gu)).toHaveLength(answers);
  });

  test("and there are no others", () => {
    expect(page.blocksOf("js")).toHaveLength(4);
  });
});

test("every link on the page leads to a heading there is", async () => {
  const links = [...page.text.matchAll(/\]\((?:([\w-]+)\.md)?#([\w-]+)\)/gu)].map(([, file = "clients", anchor = ""]) => ({
    file,
    anchor,
  }));
  expect(links.length).toBeGreaterThan(5);
  for (const { file, anchor } of links) {
    const headings = [...(await readDocPage(file)).text.matchAll(/^#+ (.*)$/gmu)].map(([, text = ""]) => text.toLowerCase());
    expect(headings.map((text) => text.replaceAll(/[^\w -]/gu, "").replaceAll(" ", "-"))).toContain(anchor);
  }
});

test("a client of its own is configured as the page says", async () => {
  const [config = ""] = page.blocksOf("json5");
  const home = await createTempHome({ ".openclaw/openclaw.json": config });
  onTestFinished(() => home.remove());
  const token = `test-token-webui-${"a1b2c3d4".repeat(4)}`;
  const { url, running } = await startOpenclawGateway(home, ["gateway", "--port", "0"], { WEBUI_TOKEN: token });
  onTestFinished(async () => void (await running.stop()));
  const ask = async (shown: string) => (await fetch(`${url}/v1/models`, { headers: { authorization: `Bearer ${shown}` } })).status;
  expect([await ask(token), await ask(`${token}-not`)]).toEqual([200, 401]);
});

test("what Claude Code is told to run shows the token, and its settings can be read", async () => {
  const [settings = ""] = page.blocksOf("json");
  const { apiKeyHelper, env } = JSON.parse(settings);
  const shown = await runProcess("/bin/sh", ["-c", apiKeyHelper], {
    env: { ...gateway.home.env, PATH: "/usr/bin:/bin" },
    timeoutMs: 5_000,
  });
  expect(shown.stdout.trim()).toBe(gateway.token);
  expect(env["ANTHROPIC_BASE_URL"]).toBe(gateway.url);
});
