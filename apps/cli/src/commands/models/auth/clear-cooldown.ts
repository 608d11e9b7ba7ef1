import type { Command } from "commander";
import type { CliContext } from "../../../context.ts";
import type { ExitCode } from "../../../exit.ts";
import { inHome } from "../../../models-auth/in-home.ts";
import type { Runner } from "../../../program.ts";

interface ClearFlags {
  readonly provider?: string;
  readonly all?: boolean;
  readonly model?: string;
  readonly agent?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export function addAuthClearCooldown(auth: Command, run: Runner): void {
  auth
    .command("clear-cooldown")
    .description("let an account or key that cools down or is disabled be tried again now")
    .argument(
      "[id]",
      "an account or a key, also by fingerprint (#1a2b3c4d), a key by place (OPENAI_API_KEYS[2]), or bucket:<provider>:<name>",
    )
    .option("--provider <name>", "all accounts, keys and buckets of a provider")
    .option("--all", "all that the agent uses")
    .option("--model <model>", "only what holds for this model; * for what holds for all of them")
    .option("--agent <id>", "another agent's accounts (default: the default agent's)")
    .option("--dry-run", "say what would be cleared, and write nothing")
    .option("--json", "print JSON")
    .action((id: string | undefined, _flags: unknown, command: Command) =>
      run((context) => runAuthClearCooldown(context, id, command.optsWithGlobals())),
    );
}

/** Ends with 0 also where there was nothing to clear. */
function runAuthClearCooldown(
  context: Pick<CliContext, "io" | "home" | "clock" | "interrupted">,
  target: string | undefined,
  { provider, all = false, model, agent, dryRun = false, json = false }: ClearFlags,
): Promise<ExitCode> {
  return inHome(context, async (home, signal) => {
    const [{ clearCooldowns }, { clearInGateway }, { renderCleared }] = await Promise.all([
      import("../../../models-auth/clear-cooldown.ts"),
      import("../../../models-auth/clear-in-gateway.ts"),
      import("../../../render/clear-cooldown.ts"),
    ]);
    const now = context.clock.now();
    const request = { target, provider, isAll: all, model, agentId: agent };
    const clearing = clearCooldowns(home.current, request, { mode: dryRun ? "dry-run" : "write", now, signal });
    const inFiles = await clearing.catch(async (error: unknown) => {
      // A gateway that cannot read or write the file either has them in memory.
      const isOfFile = error instanceof Error && error.name === "RotationError";
      const { count } = isOfFile && !dryRun ? await clearInGateway(home.current, request) : { count: 0 };
      if (count > 0) context.io.err(`The running gateway let go of ${count === 1 ? "1 cooldown" : `${count} cooldowns`}.`);
      throw error;
    });
    const report = dryRun ? inFiles : { ...inFiles, gateway: await clearInGateway(home.current, request) };
    context.io.out(json ? JSON.stringify(report, null, 2) : renderCleared(report, { now, display: home.current.paths.display }));
    return 0;
  });
}
