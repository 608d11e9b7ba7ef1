import { readFile } from "node:fs/promises";
import { openaiCompletion, runProcess, startFakeProvider } from "@openclaw/testkit";
import { expect, onTestFinished, test } from "vitest";

test("the example of the README runs, with the SDK and the keys of the environment", async () => {
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
  const example = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? "";
  const provider = await startFakeProvider({
    replies: {
      "test-key-one": [{ status: 429, headers: { "retry-after": "18000" } }],
      "test-key-two": [{ body: openaiCompletion("hello") }],
    },
  });
  onTestFinished(() => provider.close());
  const script = example.replace("https://api.openai.com", provider.origin);
  const result = await runProcess(process.execPath, ["--conditions=@openclaw/source", "--input-type=module", "--eval", script], {
    cwd: new URL("..", import.meta.url).pathname,
    env: { OPENAI_API_KEYS: "test-key-one, test-key-two" },
    timeoutMs: 20_000,
  });
  expect(result).toMatchObject({ code: 0, stdout: "hello\n", stderr: "" });
  expect(provider.hits.map(({ key, path }) => [key, path])).toEqual([
    ["test-key-one", "/v1/chat/completions"],
    ["test-key-two", "/v1/chat/completions"],
  ]);
  expect(provider.unusedReplies()).toEqual([]);
});
