import { readFile } from "node:fs/promises";
import { openaiCompletion, runProcess } from "@openclaw/testkit";
import { expect, test } from "vitest";
import { routes } from "../src/routes/index.ts";
import { testGateways, TOKEN } from "./test-gateway.ts";

const start = testGateways();
const page = await readFile(new URL("../../../docs/reference/admin-api.md", import.meta.url), "utf8");

const store = { version: 1, profiles: { "anthropic:me@example.com": { type: "api_key", provider: "anthropic", key: "test-key-one" } } };

test("every example of the page works as it stands", async () => {
  const { gateway, home } = await start({ store, default: { body: openaiCompletion("hello") } });
  const blocks = [...page.matchAll(/^```sh\n(.*?)^```$/gmsu)].map(([, code = ""]) => code);
  const script = blocks.join("\n").replace("http://127.0.0.1:18789", gateway.url).replace("--max-time 5", "--max-time 0.3");
  // As the first line of the page makes it, but that the token is printed here.
  const prelude = `set -euo pipefail\nopenclaw() { echo '${TOKEN}'; }\n`;
  const { code, stderr, stdout } = await runProcess(
    "bash",
    ["-c", prelude + script.replaceAll("curl -sS ", "curl -sS --fail-with-body ")],
    {
      env: { PATH: process.env["PATH"], HOME: home.path },
      timeoutMs: 20_000,
    },
  );
  expect(stdout).not.toContain('{"error":');
  expect([code, stderr.replaceAll(/curl: \(28\).*\n/gu, "")]).toEqual([0, ""]);
  expect(stdout).toContain('"order":["anthropic:me@example.com"]');
  expect(stdout).toContain(": events follow");
});

test("every path of the admin API is on the page", () => {
  const missing = routes.filter(
    ({ path }) => path.startsWith("/api/") && !page.includes(path.replace("/api/v1/profiles/:id", "/profiles/:id")),
  );
  expect(missing).toEqual([]);
});
