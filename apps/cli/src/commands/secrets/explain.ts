import type { Command } from "commander";
import type { CliContext } from "../../context.ts";
import type { ExitCode } from "../../exit.ts";
import type { Runner } from "../../program.ts";

interface ExplainFlags {
  readonly json?: boolean;
  readonly agent?: string;
  readonly allowExec?: boolean;
}

export function addSecretsExplain(secrets: Command, run: Runner): void {
  secrets
    .command("explain")
    .description("say where a secret comes from, and what wins over what")
    .argument("[path]", "a place such as models.providers.openai.apiKey, a profile, a provider or a variable; without one, all places")
    .option("--json", "print JSON")
    .option("--agent <id>", "the agent whose accounts to look at")
    .option("--allow-exec", "run the commands that references lead to")
    .action((path: string | undefined, flags: ExplainFlags) => run((context) => runSecretsExplain(context, path, flags)));
}

/** Explaining is no check: 0 whatever the state. Runs no command unless told to, and asks no one but the gateway of this machine. */
async function runSecretsExplain(
  context: Pick<CliContext, "io" | "home" | "clock" | "interrupted">,
  path: string | undefined,
  flags: ExplainFlags,
): Promise<ExitCode> {
  const { io, clock } = context;
  const { agent: agentId, allowExec = false } = flags;
  const [home, { explainSecrets }, { renderExplanation }] = await Promise.all([
    context.home(),
    import("../../secrets-explain/explain-secrets.ts"),
    import("../../render/secrets-explain.ts"),
  ]);
  // Commands are groups of their own, which a Ctrl-C of the terminal does not reach.
  const stop = new AbortController();
  if (allowExec) void context.interrupted().then(() => stop.abort());
  try {
    const { current } = home;
    const explanation = await explainSecrets(current, { name: path, agentId, allowExec, clock, signal: stop.signal });
    if (flags.json) io.out(JSON.stringify(explanation, null, 2));
    else io.out(renderExplanation(explanation, { display: current.paths.display, now: clock.now() }));
    return 0;
  } catch (error) {
    if (stop.signal.aborted && error === stop.signal.reason) return 130;
    throw error;
  } finally {
    home.close();
  }
}
