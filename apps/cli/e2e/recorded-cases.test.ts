import { existsSync } from "node:fs";
import { cp, chmod, readdir, readFile, stat, writeFile } from "node:fs/promises";
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
  steps: z.array(z.object({ argv: z.array(z.string()), exit: z.number(), json: z.string().optional(), files: z.string().optional() })),
});

/** What a step wrote: the text of files, and their modes. */
const writtenSchema = z.record(z.string(), z.object({ text: z.string(), mode: z.string() }));

/** What OpenClaw 2026.4 answered in small homes. Masked values differ on purpose; new fields are allowed. */
describe("homes of OpenClaw 2026.4", async () => {
  test.each(await readdir(folder))("%s", async (name) => {
    const recorded = caseSchema.parse(JSON.parse(await readFile(join(folder, name, "case.json"), "utf8")));
    const home = await createTempHome();
    try {
      await layOut(name, home, recorded.modes);
      const env = Object.fromEntries(Object.entries(recorded.env).map(([key, value]) => [key, value.replaceAll("@HOME@", home.path)]));
      for (const step of recorded.steps) {
        const before = await filesOf(home);
        const argv = step.argv.map((argument) => argument.replaceAll("@HOME@", home.path));
        const result = await openclaw(home, argv, { env });
        const json =
          step.json === undefined ? undefined : normalize(JSON.parse(await readFile(join(folder, name, step.json), "utf8")), home.path);
        expect({ ...result, json: json && normalize(JSON.parse(result.stdout), home.path), files: await filesOf(home) }).toMatchObject({
          code: step.exit,
          stderr: expect.stringMatching(isRefusal(step) ? /^Error: /u : /^$/u),
          json,
          ...(!isWrite(step) && { files: before }),
        });
        if (step.files === undefined) continue;
        for (const [file, written] of Object.entries(
          writtenSchema.parse(JSON.parse(await readFile(join(folder, name, step.files), "utf8"))),
        )) {
          const mode = ((await stat(join(home.path, file))).mode & 0o777).toString(8);
          expect({ file, text: await home.read(file), mode }).toEqual({ file, ...written });
        }
      }
    } finally {
      await home.remove();
    }
  });
});

interface Step {
  readonly argv: readonly string[];
  readonly exit: number;
  readonly json?: string | undefined;
}

/** A plan that is not carried out is an error; what a report finds is none. */
function isRefusal({ argv, exit, json }: Step): boolean {
  return argv[1] === "apply" && exit !== 0 && json === undefined;
}

function isWrite({ argv }: Step): boolean {
  return argv[1] === "apply" && !argv.includes("--dry-run");
}

async function filesOf(home: TempHome): Promise<readonly string[]> {
  return (await home.list()).filter((file) => !file.startsWith(".cache"));
}

async function layOut(name: string, home: TempHome, modes: Readonly<Record<string, string>>): Promise<void> {
  const tree = join(folder, name, "home");
  if (existsSync(tree)) await cp(tree, home.path, { recursive: true });
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
      // A plan is carried out with warnings of ours, as of a reference that leads to another value.
      Object.entries(value)
        .filter(([key]) => key !== "warnings" && key !== "warningCount")
        .map(([key, entry]) => [
          key,
          // What is said of a finding is in words of ours.
          key === "message"
            ? "<message>"
            : typeof entry === "number" && /At$|Ms$|until/u.test(key) && entry !== 86_400_000
              ? "<MS>"
              : normalize(entry, home),
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
