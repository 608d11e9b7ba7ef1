import { cp, chmod, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createTempHome, type TempHome } from "@openclaw/testkit";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { openclaw } from "./openclaw.ts";

const folder = fileURLToPath(new URL("cases", import.meta.url));

const caseSchema = z.object({
  env: z.record(z.string(), z.string()),
  modes: z.record(z.string(), z.string()),
  steps: z.array(z.object({ argv: z.array(z.string()), exit: z.number(), json: z.string().optional() })),
});

/** What OpenClaw 2026.4 answered in small homes. Masked values differ on purpose; new fields are allowed. */
describe("homes of OpenClaw 2026.4", async () => {
  for (const name of await readdir(folder)) {
    test(name, async () => {
      const recorded = caseSchema.parse(JSON.parse(await readFile(join(folder, name, "case.json"), "utf8")));
      const home = await createTempHome();
      try {
        await layOut(name, home, recorded.modes);
        const env = Object.fromEntries(Object.entries(recorded.env).map(([key, value]) => [key, value.replaceAll("@HOME@", home.path)]));
        for (const step of recorded.steps) {
          const before = await home.list();
          const result = await openclaw(home, step.argv, { env });
          expect([step.argv.join(" "), result.code, result.stderr]).toEqual([step.argv.join(" "), step.exit, ""]);
          if (step.json) {
            const expected: unknown = JSON.parse(await readFile(join(folder, name, step.json), "utf8"));
            expect(normalize(JSON.parse(result.stdout), home.path)).toMatchObject(Object(normalize(expected, home.path)));
          }
          expect((await home.list()).filter((file) => !file.startsWith(".cache"))).toEqual(
            before.filter((file) => !file.startsWith(".cache")),
          );
        }
      } finally {
        await home.remove();
      }
    });
  }
});

async function layOut(name: string, home: TempHome, modes: Readonly<Record<string, string>>): Promise<void> {
  await cp(join(folder, name, "home"), home.path, { recursive: true }).catch(() => undefined);
  for (const file of await home.list()) {
    if (file.endsWith("/")) continue;
    const path = join(home.path, file);
    const text = (await readFile(path, "utf8"))
      .replaceAll("@HOME@", home.path)
      .replaceAll(/"@now([+-]\d+)"/gu, (_match, offset: string) => String(Date.now() + Number(offset)));
    await writeFile(path, text);
    await chmod(path, 0o600);
  }
  for (const [file, mode] of Object.entries(modes)) await chmod(join(home.path, file), Number.parseInt(mode, 8));
}

/** Takes out what varies: the home, times, and how secrets are masked. */
function normalize(value: unknown, home: string): unknown {
  if (Array.isArray(value)) return value.map((entry) => normalize(entry, home));
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, entry]) => [
        key,
        typeof entry === "number" && /At$|Ms$|until/u.test(key) && entry !== 86_400_000 ? "<MS>" : normalize(entry, home),
      ]),
    );
  }
  if (typeof value !== "string") return value;
  return value
    .replaceAll(home, "$HOME")
    .replaceAll(/^<(?:MS|TS)>$/gu, "<MS>")
    .replaceAll(/(?<=^|[=:])[^=:\s]*\.\.\.[^\s]*/gu, "<masked>")
    .replaceAll(/(?<=^|[=:])[\w-]*#[0-9a-f]{8}/gu, "<masked>")
    .replaceAll(/\b\d+d\]/gu, "<days>]");
}
