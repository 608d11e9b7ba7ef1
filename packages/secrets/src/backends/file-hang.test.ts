import { createTempHome, manualClock } from "@openclaw/testkit";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { createSecretResolver } from "../resolver.ts";

// No file system of a test machine hangs on demand.
vi.mock(import("./trusted-file.ts"), async (original) => {
  const { readTrustedFile } = await original();
  const never = new Promise<never>(() => undefined);
  const read: typeof readTrustedFile = (path, options) => (path.endsWith("hung.json") ? never : readTrustedFile(path, options));
  return { readTrustedFile: read };
});

test("F13: a file that hangs, however often it is asked for, leaves the others readable", async () => {
  const home = await createTempHome({ "fine.json": { a: "test-key-fine" } });
  onTestFinished(() => home.remove());
  const provider = (name: string) => ({ source: "file", path: join(home.path, name), timeoutMs: 100, allowInsecurePath: true }) as const;
  const clock = manualClock();
  for (let reload = 0; reload < 3; reload += 1) {
    // As each reload of a home makes one.
    const resolver = createSecretResolver({ env: {}, clock, providers: { hung: provider("hung.json"), fine: provider("fine.json") } });
    const hanging = resolver.resolveAll([{ source: "file", provider: "hung", id: "/a" }]);
    const fine = await resolver.resolve({ source: "file", provider: "fine", id: "/a" });
    clock.advance(100);
    expect(fine.reveal()).toBe("test-key-fine");
    expect((await hanging).get("file:hung:/a")).toMatchObject({ status: "failed", error: { code: "timed-out" } });
  }
});
