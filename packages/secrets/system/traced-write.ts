import { join } from "node:path";
import { createTempHome, traceScript, type TempHome, type TracedScript } from "@openclaw/testkit";
import { runScript, startScript } from "./child.ts";

/** A write and what became of it. */
export interface TracedWrite extends TracedScript {
  /** The files in the folder, and the target's content, afterwards. */
  readonly files: readonly string[];
  readonly content: string | undefined;
  /** Writes again, undisturbed, and lists what is there then. */
  writeAgain(): Promise<readonly string[]>;
  remove(): Promise<void>;
}

/**
 * Lets a process write `state/auth.json` while strace makes one of its system calls fail or kills it there. One file was
 * written before, so that the calls that are counted are those of this write alone.
 */
export async function traceWrite(inject: string, { create = false }: { readonly create?: boolean } = {}): Promise<TracedWrite> {
  const home = await createTempHome();
  const target = join(home.path, "state/auth.json");
  await home.write(create ? "state/other.json" : "state/auth.json", "old");
  const write = create ? "createPrivateFile" : "writePrivateFile";
  const script = `
    await writePrivateFile(args[1], "warm");
    await createPrivateFile(args[1] + "2", "warm");
    await go();
    await report(${write}(args[0], "new"));`;
  const running = await startScript(script, { args: [target, join(home.path, "warm.json")] });
  const traced = await traceScript(running, inject);
  const files = await listState(home);
  return {
    ...traced,
    files,
    content: files.includes("auth.json") ? await home.read("state/auth.json") : undefined,
    async writeAgain() {
      const { code, stderr } = await runScript(
        `await ${write}(args[0], "again").catch((error) => { if (error.code !== "file-exists") throw error; });`,
        {
          args: [target],
        },
      );
      if (code !== 0) throw new Error(stderr);
      return listState(home);
    },
    remove: () => home.remove(),
  };
}

async function listState(home: TempHome): Promise<readonly string[]> {
  const files = (await home.list()).filter((file) => file.startsWith("state/") && file !== "state/other.json");
  return files.map((file) => file.slice("state/".length));
}
