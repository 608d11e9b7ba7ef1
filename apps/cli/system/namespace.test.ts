import { join } from "node:path";
import {
  createTempHome,
  findProgram,
  openaiCompletion,
  runProcess,
  startFakeProvider,
  startProcess,
  type TempHome,
} from "@openclaw/testkit";
import { expect, test } from "vitest";
import { BIN } from "../e2e/openclaw.ts";

const unshare = findProgram("unshare") ?? "";
/** A mount namespace of the test's own takes root. */
const isPossible = unshare !== "" && process.getuid?.() === 0;

/** Arguments of `unshare` that run the command line where `file` stands in the place of `target`. */
async function withFile(home: TempHome, target: string, content: string, args: readonly string[]): Promise<readonly string[]> {
  await home.write("mounted", content, 0o644);
  const script = 'mount --bind "$1" "$2" && shift 2 && exec "$@"';
  return ["-m", "sh", "-c", script, "sh", join(home.path, "mounted"), target, process.execPath, BIN, ...args];
}

test.skipIf(!isPossible)("a user without HOME and without an entry in /etc/passwd gets an answer", async () => {
  const home = await createTempHome();
  try {
    const env = { PATH: process.env["PATH"], OPENCLAW_STATE_DIR: home.stateDir };
    const run = async (...args: readonly string[]) =>
      runProcess(unshare, await withFile(home, "/etc/passwd", "nobody:x:65534:65534::/:/bin/false\n", args), { env, timeoutMs: 20_000 });
    expect(await run("--version")).toMatchObject({ code: 0, stderr: "" });
    expect(await run("models", "status", "--plain")).toMatchObject({ code: 0, stderr: "" });
  } finally {
    await home.remove();
  }
});

test.skipIf(!isPossible)(
  "T4: a name that leads to a metadata address gets no key; one of the own network does, if it was declared",
  async () => {
    const provider = await startFakeProvider({ default: { body: openaiCompletion("ok") } });
    const port = new URL(provider.url).port;
    const entry = (host: string, local: boolean) => ({
      baseUrl: `http://${host}:${port}/v1`,
      api: "openai-completions",
      apiKey: "test-key-one",
      local,
    });
    const home = await createTempHome({
      ".openclaw/openclaw.json": {
        gateway: { mode: "local" },
        models: {
          providers: {
            hidden: entry("hidden.test", true),
            mine: entry("mine.test", true),
            tls: { ...entry("mine.test", false), baseUrl: `https://mine.test:${port}` },
          },
        },
      },
    });
    const hosts = "127.0.0.1 localhost\n169.254.169.254 hidden.test\n127.0.0.1 mine.test\n";
    const running = await startProcess(unshare, await withFile(home, "/etc/hosts", hosts, ["gateway", "--port", "0"]), {
      env: { ...home.env, PATH: process.env["PATH"] },
    });
    try {
      const [, url = ""] = await running.waitForOutput(/^Gateway: (http:\S+)$/mu, 20_000);
      const authorization = `Bearer ${(await home.read(".openclaw/gateway-token")).trim()}`;
      const ask = async (model: string) => {
        const response = await fetch(`${url}/v1/chat/completions`, {
          method: "POST",
          headers: { authorization, "content-type": "application/json" },
          body: JSON.stringify({ model }),
        });
        return [response.status, await response.text()];
      };
      expect(await ask("hidden/m")).toEqual([502, expect.stringContaining("address_refused")]);
      expect(await ask("tls/m")).toEqual([502, expect.stringContaining("address_refused")]);
      expect(provider.acceptedConnections()).toBe(0);
      expect((await ask("mine/m"))[0]).toBe(200);
      expect(provider.keysSeen()).toEqual(["test-key-one"]);
    } finally {
      await running.stop();
      await provider.close();
      await home.remove();
    }
  },
);
