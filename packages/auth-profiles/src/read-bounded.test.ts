import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { callAsNobody, createTempHome } from "@openclaw/testkit";
import { expect, onTestFinished, test } from "vitest";

test("a file this user may not read fails with the system's own code", async () => {
  const home = await createTempHome();
  onTestFinished(() => home.remove());
  const path = join(home.path, "store.json");
  await writeFile(path, "{}");
  await chmod(path, 0o000);
  const { error } = await callAsNobody(new URL("read-bounded.ts", import.meta.url), "readBounded", [path, 100]);
  expect(error).toMatchObject({ code: "EACCES" });
});
