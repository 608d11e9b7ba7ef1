import type { Command } from "commander";
import type { CliContext } from "../../../context.ts";
import type { ExitCode } from "../../../exit.ts";
import type { Runner } from "../../../program.ts";

interface ListFlags {
  readonly provider?: string;
  readonly agent?: string;
  readonly json?: boolean;
}

export function addAuthList(auth: Command, run: Runner): void {
  auth
    .command("list")
    .description("list the accounts an agent has")
    .option("--provider <name>", "only those of one provider, under any of its names")
    .option("--agent <id>", "another agent's accounts (default: the default agent's)")
    .option("--json", "print JSON")
    .action((_flags: unknown, command: Command) => run((context) => runAuthList(context, command.optsWithGlobals())));
}

async function runAuthList(context: Pick<CliContext, "io" | "home" | "clock">, flags: ListFlags): Promise<ExitCode> {
  const [home, { listProfiles }, { renderProfileList }] = await Promise.all([
    context.home(),
    import("../../../models-auth/list-profiles.ts"),
    import("../../../render/models-auth.ts"),
  ]);
  try {
    const list = await listProfiles(home.current, { agentId: flags.agent, provider: flags.provider, now: context.clock.now() });
    context.io.out(flags.json ? JSON.stringify(list, null, 2) : renderProfileList(list));
    return 0;
  } finally {
    home.close();
  }
}
