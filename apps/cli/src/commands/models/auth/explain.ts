import type { HomeSnapshot } from "@openclaw/home";
import type { Command } from "commander";
import type { CliContext } from "../../../context.ts";
import { CliError, type ExitCode } from "../../../exit.ts";
import type { AskedSession } from "../../../models-explain/asked-session.ts";
import type { Runner } from "../../../program.ts";

interface ExplainFlags {
  readonly agent?: string;
  readonly session?: string;
  readonly json?: boolean;
}

export function addAuthExplain(auth: Command, run: Runner): void {
  auth
    .command("explain")
    .description("say which accounts and keys a request for a model would try, in which order, and why")
    .argument("<model>", "provider/model, an alias or openclaw/<agentId>; with @<profileId> behind it that account is pinned")
    .option("--agent <id>", "another agent's accounts (default: the default agent's)")
    .option("--session <key>", "as a request of this session: a strategy that spreads gives each its own")
    .option("--json", "print JSON")
    .action((model: string, _flags: unknown, command: Command) =>
      run((context) => runAuthExplain(context, model, command.optsWithGlobals())),
    );
}

/** Looks at files and nothing else. 1 where no credential could be asked now. */
async function runAuthExplain(context: Pick<CliContext, "io" | "home" | "clock">, text: string, flags: ExplainFlags): Promise<ExitCode> {
  const { io, clock } = context;
  const [home, { explainModel }, { knownHealth }, { renderModelExplanation }] = await Promise.all([
    context.home(),
    import("../../../models-explain/explain-model.ts"),
    import("../../../models-explain/known-health.ts"),
    import("../../../render/models-explain.ts"),
  ]);
  try {
    const { current } = home;
    const { health, notes } = await knownHealth(current, clock);
    const session = await sessionIn(current, text, flags);
    const explanation = explainModel(current, { text, agentId: flags.agent, session, now: clock.now(), health, notes });
    io.out(flags.json ? JSON.stringify(explanation, null, 2) : renderModelExplanation(explanation, { display: current.paths.display }));
    return explanation.isUsableNow ? 0 : 1;
  } finally {
    home.close();
  }
}

async function sessionIn(home: HomeSnapshot, text: string, { session, agent }: ExplainFlags): Promise<AskedSession | undefined> {
  if (session === undefined) return undefined;
  if (session === "") throw new CliError("--session is empty");
  const [{ askedSession }, { askedModels }] = await Promise.all([
    import("../../../models-explain/asked-session.ts"),
    import("../../../models-explain/targets.ts"),
  ]);
  return askedSession(home, session, askedModels(home, text, agent).agentId);
}
