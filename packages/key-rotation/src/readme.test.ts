import { readFile } from "node:fs/promises";
import { runProcess, startFakeProvider } from "@openclaw/testkit";
import { expect, test } from "vitest";

test("the example of the README runs, with any fetch and the keys of the environment", async () => {
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
  const example = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? "";
  const provider = await startFakeProvider({
    replies: { "test-key-one": [{ status: 429, headers: { "retry-after": "18000" } }], "test-key-two": [{ body: { data: [] } }] },
  });
  const script = example.replace("https://api.openai.com", provider.origin);
  const result = await runProcess(process.execPath, ["--conditions=@openclaw/source", "--input-type=module", "--eval", script], {
    cwd: new URL("..", import.meta.url).pathname,
    env: { OPENAI_API_KEYS: "test-key-one, test-key-two" },
    timeoutMs: 20_000,
  });
  expect(result).toMatchObject({ code: 0, stdout: "200 1\n" });
  expect(provider.keysSeen()).toEqual(["test-key-one", "test-key-two"]);
  expect(provider.unusedReplies()).toEqual([]);
  await provider.close();
});
