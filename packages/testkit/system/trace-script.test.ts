import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { scriptsWith } from "../src/scripts.ts";
import { createTempHome, type TempHome } from "../src/temp-home.ts";
import { canTrace, traceScript, type TracedScript } from "../src/trace-script.ts";
import { tracedSteps } from "../src/traced-steps.ts";

/** A script that renames a file twice, each time on the thread for files, and says what became of it. */
async function traceRenames(inject: string): Promise<TracedScript & { readonly home: TempHome }> {
  const home = await createTempHome({ one: "" });
  onTestFinished(() => home.remove());
  const { startScript } = scriptsWith(`const { rename } = fs.promises;`);
  const script = `
    await rename(args[0], args[1]);
    await go();
    await report(rename(args[1], args[0]).then(() => rename(args[0], args[1])));`;
  const running = await startScript(script, { args: ["one", "two"].map((name) => join(home.path, name)) });
  return { ...(await traceScript(running, inject)), home };
}

describe.skipIf(!canTrace)("a traced script", () => {
  test("its calls are those it makes once it goes on", async () => {
    const { outcome, calls } = await traceRenames("");
    expect(outcome).toEqual({ value: null });
    expect(tracedSteps(calls).filter(([call]) => call === "rename")).toEqual([
      ["rename", 1],
      ["rename", 2],
    ]);
  });

  test("one of them can fail", async () => {
    const { outcome, home } = await traceRenames("rename:error=EROFS:when=2");
    expect(outcome).toMatchObject({ code: "EROFS" });
    expect(await home.list()).toEqual(["one"]);
  });

  test("it can be killed at one of them, before that does anything", async () => {
    const { outcome, home } = await traceRenames("rename:signal=KILL:when=1");
    expect(outcome).toBeUndefined();
    expect(await home.list()).toEqual(["two"]);
  });
});
