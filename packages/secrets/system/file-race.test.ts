import { join } from "node:path";
import { createTempHome, startProcess } from "@openclaw/testkit";
import { expect, test } from "vitest";
import { createSecretResolver } from "../src/resolver.ts";

test("of 10 000 reads of a file that a link takes the place of, none is of what the link leads to [F5]", async () => {
  const home = await createTempHome({ key: "test-ours", target: "test-theirs" });
  const swapper = await startProcess(process.execPath, [new URL("../test/swap-file.ts", import.meta.url).pathname, home.path], { env: {} });
  const providers = { vault: { source: "file", path: join(home.path, "key"), mode: "singleValue" } } as const;
  const resolver = createSecretResolver({ env: {}, providers });
  const counts = new Map<string, number>();
  for (let race = 0; race < 10_000; race += 1) {
    const outcome = (await resolver.resolveAll([{ source: "file", provider: "vault", id: "value" }])).get("file:vault:value");
    const seen = outcome?.status === "resolved" ? outcome.secret.reveal() : outcome?.status === "failed" ? outcome.error.code : "nothing";
    counts.set(seen, (counts.get(seen) ?? 0) + 1);
  }
  await swapper.stop();
  await home.remove();
  expect([...counts.keys()].filter((seen) => !["test-ours", "file-refused", "file-unreadable"].includes(seen))).toEqual([]);
  expect(counts.get("file-refused")).toBeGreaterThan(0);
});
