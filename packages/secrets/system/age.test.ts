import { readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { findProgram } from "@openclaw/testkit";
import { describe, expect, test } from "vitest";
import { readRecipe, type Recipe } from "./recipe.ts";
import { ask, awkwardSecret, createToolHome, type ToolHome } from "./tool-home.ts";

const secret = awkwardSecret();

async function setUp(): Promise<{ home: ToolHome; recipe: Recipe; at: (name: string) => string }> {
  const home = await createToolHome();
  const recipe = await readRecipe("age", { "/home/me": home.path });
  await home.type(recipe.code("sh"), secret);
  return { home, recipe, at: (name) => join(home.path, ".config/openclaw", name) };
}

describe.skipIf(findProgram("age") === undefined)("age", () => {
  test("the recipe leads to the secret, which is in no file", async () => {
    const { home, recipe, at } = await setUp();
    expect(await ask(recipe, home.env, secret)).toBe(secret);
    expect((await stat(at("age.key"))).mode & 0o077).toBe(0);
    expect(await readFile(at("openai.age"), "latin1")).not.toContain(secret);
  });

  test("X15: with another key, or without the file, there is an error without a word of what age wrote", async () => {
    const { home, recipe, at } = await setUp();
    await rm(at("age.key"));
    await home.type(`age-keygen -o ${at("age.key")}`);
    const failed = { code: "command-failed", message: "exec:age:openai: /usr/bin/age ended with exit code 1" };
    expect(await ask(recipe, home.env, secret)).toMatchObject(failed);
    await rm(at("openai.age"));
    expect(await ask(recipe, home.env, secret)).toMatchObject(failed);
  });

  test("X17: a key file with a passphrase is refused at once, for want of a terminal", async () => {
    const { home, recipe, at } = await setUp();
    // A key file that is itself encrypted with a passphrase begins like this. Nobody is there to be asked.
    await rm(at("age.key"));
    const { stdout } = await home.run("/usr/bin/script", ["-qec", `age -p -o ${at("age.key")} /dev/null`, "/dev/null"], { input: "\n" });
    expect(stdout).toContain("passphrase");
    expect(await readFile(at("age.key"), "latin1")).toMatch(/^age-encryption.org/u);
    const started = performance.now();
    expect(await ask(recipe, home.env, secret)).toMatchObject({ code: "command-failed" });
    expect(performance.now() - started).toBeLessThan(3_000);
  });
});
