import { join } from "node:path";
import { findProgram, runProcess, type ProcessResult } from "@openclaw/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readDocPage, type DocPage } from "../e2e/doc-page.ts";
import { startSdkGateway, type SdkGateway } from "../e2e/sdk-gateway.ts";

const curl = findProgram("curl") ?? "";
const python = findProgram("python3") ?? "";

let gateway: SdkGateway;
let page: DocPage;

beforeAll(async () => {
  gateway = await startSdkGateway();
  gateway.provider.mock.onMessage("Hello", { content: "Hello yourself" });
  page = await readDocPage("clients", (text) => text.replaceAll("http://127.0.0.1:18789", gateway.url));
  // The list of processes shows what a program was started with.
  await gateway.home.write("bin/curl", `#!/bin/sh\nprintf '%s\\n' "$*" >> "$HOME/curl.log"\nexec '${curl}' "$@"\n`, 0o755);
});
afterAll(() => gateway.close());

const run = (command: string, args: readonly string[], input?: string): Promise<ProcessResult> =>
  runProcess(command, args, {
    env: { ...gateway.home.env, PATH: `${join(gateway.home.path, "bin")}:/usr/bin:/bin` },
    timeoutMs: 20_000,
    ...(input !== undefined && { input }),
  });

describe.skipIf(!curl)("the curl commands on the page of clients", () => {
  test("run as they are printed, with the token in no argument", async () => {
    const [, define = "", block = ""] = page.blocksOf("sh");
    const commands = block.trim().split("\n");
    const shown: string[] = [];
    for (const command of commands) {
      const { code, stderr, stdout } = await run("/bin/sh", ["-eu"], `${define}\n${command}\n`);
      expect([command, code, stderr]).toEqual([command, 0, ""]);
      shown.push(stdout);
    }
    expect(shown[0]).toContain('"openclaw/default"');
    for (const answer of shown.slice(1, -1)) expect(answer).toContain("Hello yourself");
    expect(shown.at(-1)).toContain("data: [DONE]");
    const started = await gateway.home.read("curl.log");
    expect(started.trim().split("\n")).toHaveLength(commands.length);
    expect(started).not.toContain(gateway.token);
  });

  test.each(["bash", "zsh"].flatMap((name) => findProgram(name) ?? []))("run in %s as well", async (shell) => {
    const [, define = ""] = page.blocksOf("sh");
    const { stderr, stdout } = await run(shell, [], `${define}\ngateway /v1/models\n`);
    expect([stderr, stdout]).toEqual(["", expect.stringContaining('"openclaw/default"')]);
  });
});

test("the lines for a shell set what they say", async () => {
  const exports = page.blocksOf("sh").filter((block) => block.startsWith("export "));
  expect(exports).toHaveLength(3);
  const { code, stdout, stderr } = await run(
    "/bin/sh",
    ["-eu"],
    `${exports.join("\n")}\nprintf '%s\\n' "$ANTHROPIC_AUTH_TOKEN" "$GEMINI_API_KEY"\n`,
  );
  expect([code, stderr, stdout.trim().split("\n")]).toEqual([0, "", [gateway.token, gateway.token]]);
});

describe.skipIf(!python)("what Python can read of the page of clients", () => {
  test("are its Python programs", async () => {
    const programs = page.blocksOf("python");
    expect(programs).toHaveLength(3);
    for (const program of programs) {
      expect(await run(python, ["-c", "import ast, sys; ast.parse(sys.stdin.read())"], program)).toMatchObject({ code: 0, stderr: "" });
    }
  });

  test("is the configuration of Codex, whose command shows the token", async () => {
    const [config = ""] = page.blocksOf("toml");
    const { stdout } = await run(python, ["-c", "import json, sys, tomllib; print(json.dumps(tomllib.loads(sys.stdin.read())))"], config);
    const { model_provider: id, model_providers: providers } = JSON.parse(stdout);
    expect(providers[id]).toMatchObject({ base_url: `${gateway.url}/v1`, wire_api: "responses" });
    const { command, args } = providers[id].auth;
    expect((await run(command, args)).stdout.trim()).toBe(gateway.token);
  });
});
