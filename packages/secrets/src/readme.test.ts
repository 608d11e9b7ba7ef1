import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { createTempHome, runProcess } from "@openclaw/testkit";
import { expect, test } from "vitest";

test("the example of the README runs", async () => {
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
  const example = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? "";
  const home = await createTempHome();
  const result = await runProcess(process.execPath, ["--conditions=@openclaw/source", "--input-type=module", "--eval", example], {
    cwd: new URL("..", import.meta.url).pathname,
    env: { HOME: home.path, OPENAI_API_KEY: "test-key-one" },
    timeoutMs: 20_000,
  });
  expect(result.stdout).toMatch(/^using \[redacted\] #[0-9a-f]{8}\n$/);
  expect(result.code).toBe(0);
  expect(await home.read(".openclaw/token")).toBe("test-key-one");
  expect(((await stat(join(home.stateDir, "token"))).mode & 0o777).toString(8)).toBe("600");
  await home.remove();
});
