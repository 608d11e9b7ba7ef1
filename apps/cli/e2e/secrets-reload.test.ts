import { once } from "node:events";
import { createServer } from "node:http";
import { join } from "node:path";
import { createTempHome, findCanary, openaiCompletion, startFakeProvider, type FakeProvider, type TempHome } from "@openclaw/testkit";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { freePort } from "./free-port.ts";
import { openclaw, startOpenclawGateway } from "./openclaw.ts";

let home: TempHome;
let provider: FakeProvider;
let port: number;

beforeEach(async () => {
  home = await createTempHome();
  provider = await startFakeProvider();
  port = await freePort();
  for (const key of ["test-key-old", "test-key-new"]) provider.setReplies(key, { body: openaiCompletion(key) });
  await writeKey("test-key-old");
  await home.write(".openclaw/openclaw.json", {
    gateway: { mode: "local", port },
    agents: { defaults: { model: "openai/some-model" } },
    secrets: { providers: { keys: { source: "file", path: join(home.stateDir, "keys.json") } } },
    models: { providers: { openai: { baseUrl: `${provider.url}/v1`, apiKey: { source: "file", provider: "keys", id: "/openai" } } } },
  });
});
afterEach(async () => {
  await provider.close();
  await home.remove();
});

const writeKey = (key: string) => home.write(".openclaw/keys.json", { openai: key });
const token = async () => (await home.read(".openclaw/gateway-token")).trim();

async function start(): Promise<string> {
  const { url, running } = await startOpenclawGateway(home, ["gateway"]);
  onTestFinished(async () => {
    await running.stop();
  });
  return url;
}

/** Sends one request; its answer is the name of the key that was used. */
async function keyUsed(url: string): Promise<string | undefined> {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${await token()}`, "content-type": "application/json" },
    body: JSON.stringify({ model: "openclaw/default", messages: [] }),
  });
  await response.text();
  return provider.keysSeen().at(-1);
}

test("what a command gives is used by the next request after a reload, and not before", async () => {
  const path = join(home.path, "key.txt");
  await home.write("key.txt", "test-key-old");
  await home.write(".openclaw/openclaw.json", {
    gateway: { mode: "local", port },
    agents: { defaults: { model: "openai/some-model" } },
    secrets: { providers: { vault: { source: "exec", command: "/usr/bin/cat", args: [path], jsonOnly: false } } },
    models: { providers: { openai: { baseUrl: `${provider.url}/v1`, apiKey: { source: "exec", provider: "vault", id: "openai" } } } },
  });
  const url = await start();
  expect(await keyUsed(url)).toBe("test-key-old");
  await home.write("key.txt", "test-key-new");
  expect(await keyUsed(url)).toBe("test-key-old");

  const { code, stdout, stderr } = await openclaw(home, ["secrets", "reload"]);
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(/^Secrets reloaded, 1 changed \(generation \d+\):\n {2}models\.providers\.openai\.apiKey\n$/u);
  expect(await keyUsed(url)).toBe("test-key-new");

  const again = await openclaw(home, ["secrets", "reload", "--json"]);
  expect([again.code, JSON.parse(again.stdout)]).toEqual([
    0,
    expect.objectContaining({ ok: true, outcome: "swapped", changed: [], failures: [], warningCount: 0 }),
  ]);
});

test("a file of secrets is read again as soon as it changes", async () => {
  const { url, running } = await startOpenclawGateway(home, ["gateway"]);
  onTestFinished(async () => void (await running.stop()));
  expect(await keyUsed(url)).toBe("test-key-old");
  await writeKey("test-key-new");
  await running.waitForOutput(/secrets reloaded .* changed: models\.providers\.openai\.apiKey/u, 20_000);
  expect(await keyUsed(url)).toBe("test-key-new");
});

test("a reference that no longer resolves: the old key stays, exit 1, and what to do about each", async () => {
  const url = await start();
  await home.write(".openclaw/keys.json", { other: "test-key-new" });
  const text = await openclaw(home, ["secrets", "reload"]);
  expect([text.code, text.stdout]).toEqual([1, ""]);
  expect(text.stderr).toMatch(/^Not reloaded: the gateway keeps the secrets it had \(generation \d+\)\.\nDid not resolve:\n/u);
  expect(text.stderr).toMatch(/ {2}models\.providers\.openai\.apiKey \(file:keys:\/openai\) reference-unresolved: .*\n {4}\S/u);
  expect(await keyUsed(url)).toBe("test-key-old");

  const json = await openclaw(home, ["secrets", "reload", "--json"]);
  expect([json.code, JSON.parse(json.stdout)]).toEqual([
    1,
    expect.objectContaining({ ok: false, outcome: "kept", failures: [expect.objectContaining({ code: "reference-unresolved" })] }),
  ]);
});

test("a configuration that became invalid is told, and the old key stays", async () => {
  const url = await start();
  const config = await home.read(".openclaw/openclaw.json");
  await home.write(".openclaw/openclaw.json", config.replace('"source": "file",', '"source": "nonsense",'));
  const { code, stderr } = await openclaw(home, ["secrets", "reload"]);
  expect([code, stderr]).toEqual([1, expect.stringContaining("openclaw.json is not valid")]);
  expect(await keyUsed(url)).toBe("test-key-old");
});

test("without a gateway: exit 1, where it was looked for and how to start it", async () => {
  const never = await openclaw(home, ["secrets", "reload"]);
  expect([never.code, never.stderr]).toEqual([1, expect.stringContaining("a gateway makes one as it starts: openclaw gateway")]);

  await home.write(".openclaw/gateway-token", "test-token-0123456789abcdef0123456789\n");
  const { code, stdout, stderr } = await openclaw(home, ["secrets", "reload"]);
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toContain(`The gateway is not running at http://127.0.0.1:${port}`);
  expect(stderr).toContain("start it: openclaw gateway");
});

test("a token that is not the gateway's: exit 1 and where it came from", async () => {
  const url = await start();
  await home.write("other-token", "test-token-other-0123456789abcdef\n");
  const file = join(home.path, "other-token");
  const { code, stderr } = await openclaw(home, ["secrets", "reload", "--url", url, "--token-file", file]);
  expect([code, stderr]).toEqual([1, expect.stringContaining(`did not take the token (--token-file ${file})`)]);
  expect(stderr).toContain("openclaw gateway token");
});

test("a proxy of the environment never sees the token", async () => {
  await start();
  const proxy = createServer((request, response) => void response.writeHead(502).end(request.url));
  const seen: string[] = [];
  proxy.on("connection", () => seen.push("connection"));
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  onTestFinished(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  const address = proxy.address();
  const HTTP_PROXY = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  const { code } = await openclaw(home, ["secrets", "reload"], { env: { HTTP_PROXY, http_proxy: HTTP_PROXY, NODE_USE_ENV_PROXY: "1" } });
  expect([code, seen]).toEqual([0, []]);
});

test("D15: --token works for scripts, with a warning, and is in no help", async () => {
  await start();
  const { code, stderr, stdout } = await openclaw(home, ["secrets", "reload", "--token", await token()]);
  expect([code, stderr]).toEqual([0, expect.stringMatching(/process list.*--token-file/u)]);
  expect(await findCanary(await token(), { texts: { stdout, stderr } })).toEqual([]);
  expect((await openclaw(home, ["secrets", "reload", "--help"])).stdout).not.toContain("--token <");
});

test.each([
  [["--url", "http://gateway.example"], /must be https/u],
  [["--url", "http://user:test-password@127.0.0.1:1"], /no user name/u],
  [["--timeout", "0"], /--timeout/u],
  [["--timeout", "soon"], /--timeout/u],
  [["--token", "x", "--token-file", "y"], /not both/u],
  [["--token", " "], /--token is empty/u],
])("%j is wrong usage: exit 1", async (flags, message) => {
  const { code, stdout, stderr } = await openclaw(home, ["secrets", "reload", ...flags]);
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toMatch(message);
  expect(stderr).not.toContain("test-password");
});
