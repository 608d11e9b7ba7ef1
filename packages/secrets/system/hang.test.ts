import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { createTempHome, findProgram, startProcess } from "@openclaw/testkit";
import { expect, test } from "vitest";
import { createSecretResolver } from "../src/resolver.ts";

const python = findProgram("python3") ?? "";
const canMount = python !== "" && process.geteuid?.() === 0 && existsSync("/dev/fuse");
const script = new URL("hanging-file-system.py", import.meta.url).pathname;

test.skipIf(!canMount)("a file system that hangs delays nothing beyond its timeout, and leaves threads for others [F13]", async () => {
  const home = await createTempHome({ key: "test-key-one" });
  const folder = join(home.path, "hang");
  await mkdir(folder, { mode: 0o700 });
  const hanging = await startProcess(python, [script, folder], { env: { PATH: "/usr/bin:/bin" } });
  try {
    await hanging.waitForOutput(/mounted|mount:/u, 5_000);
    expect(hanging.stdout()).toContain("mounted");
    const file = (path: string) => ({ source: "file", path, mode: "singleValue", timeoutMs: 300 }) as const;
    const providers = Object.fromEntries(Array.from({ length: 8 }, (_, index) => [`p${index}`, file(join(folder, `${index}/key`))]));
    const resolver = createSecretResolver({ env: {}, providers });
    const refs = Object.keys(providers).map((provider) => ({ source: "file", provider, id: "value" }) as const);
    const started = performance.now();
    for (let reload = 0; reload < 3; reload += 1) {
      const outcomes = [...(await resolver.resolveAll(refs)).values()];
      expect(outcomes.map((outcome) => outcome.status === "failed" && outcome.error.code)).toEqual(refs.map(() => "timed-out"));
    }
    expect(performance.now() - started).toBeLessThan(3_000);
    // Eight hang three times over, and the threads for files are four: some are left.
    expect(await readFile(join(home.path, "key"), "utf8")).toBe("test-key-one");
  } finally {
    await hanging.stop(); // Whoever waits for an answer gets an error now, and can end.
    execFileSync("/bin/umount", ["-l", folder]);
    await home.remove();
  }
});
