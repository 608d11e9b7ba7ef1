import type { Command } from "commander";
import type { CliContext } from "../../../context.ts";
import { CliError, type ExitCode } from "../../../exit.ts";
import { inHome } from "../../../models-auth/in-home.ts";
import type { Runner } from "../../../program.ts";
import { openPrompt, ownTerminal, type Prompt } from "../../../prompt.ts";
import { readVersion } from "../../../version.ts";

interface RemoveFlags {
  readonly agent?: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
}

export function addAuthRemove(auth: Command, run: Runner): void {
  auth
    .command("remove")
    .description("remove an account, and its name from orders and from openclaw.json")
    .argument("<profileId>", "id of the account")
    .option("--agent <id>", "another agent's account (default: the default agent's)")
    .option("--dry-run", "say what would be removed, and write nothing")
    .option("--yes", "do not ask")
    .option("--json", "print JSON")
    .action((profileId: string, _flags: unknown, command: Command) =>
      run((context) => runAuthRemove(context, profileId, command.optsWithGlobals())),
    );
}

type RemoveContext = Pick<CliContext, "io" | "env" | "home" | "clock" | "interrupted">;

/** Removes after a yes, which `--yes` gives where nobody can be asked. A test brings its own prompt. */
function runAuthRemove(
  context: RemoveContext,
  profileId: string,
  { agent, dryRun = false, yes = false, json = false }: RemoveFlags,
  askWith: (signal: AbortSignal) => Promise<Prompt> | undefined = (signal) => {
    const terminal = ownTerminal();
    return terminal && openPrompt(terminal, { env: context.env, signal });
  },
): Promise<ExitCode> {
  return inHome(context, async (home, signal) => {
    const [{ planRemoval, removeProfile }, { renderRemoval }] = await Promise.all([
      import("../../../models-auth/remove-profile.ts"),
      import("../../../render/models-auth.ts"),
    ]);
    const removal = await planRemoval(home.current, profileId, agent);
    const report = (mode: "done" | "dry-run") =>
      context.io.out(json ? JSON.stringify({ ...removal, removed: mode === "done" }, null, 2) : renderRemoval(removal, mode));
    if (dryRun) {
      report("dry-run");
      return 0;
    }
    if (!yes) {
      const prompt = await askWith(signal);
      if (prompt === undefined) throw new CliError("Nobody can be asked whether to remove it.", "add --yes, or look first with --dry-run");
      prompt.say(renderRemoval(removal, "planned"));
      if (!(await prompt.confirm({ message: `Remove ${profileId} for good?`, initial: false }))) {
        context.io.err("Nothing was changed.");
        return 1;
      }
    }
    const stamp = { version: readVersion(), at: new Date(context.clock.now()) };
    await removeProfile(home.current, removal, { agentId: agent, stamp, signal });
    report("done");
    return 0;
  });
}
