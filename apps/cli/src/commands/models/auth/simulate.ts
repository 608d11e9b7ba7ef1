import type { Command } from "commander";
import type { CliContext } from "../../../context.ts";
import { CliError, type ExitCode } from "../../../exit.ts";
import type { Runner } from "../../../program.ts";

interface SimulateFlags {
  readonly fail?: readonly string[];
  readonly for: string;
  readonly every: string;
  readonly model?: string;
  readonly session?: string;
  readonly agent?: string;
  readonly json?: boolean;
}

export function addAuthSimulate(auth: Command, run: Runner): void {
  auth
    .command("simulate")
    .description("say who would serve if accounts, keys or providers failed, and when they recover; sends nothing")
    .option(
      "--fail <target=what>",
      "what fails and how: anthropic:work=429, 'OPENAI_API_KEYS[1]=429@5m', openai=timeout; repeatable",
      collect,
    )
    .option("--for <duration>", "how long it fails", "10m")
    .option("--every <duration>", "a request so often", "5s")
    .option("--model <model>", "the model that is asked for: provider/model, an alias or openclaw/<agentId> (default: the agent's)")
    .option("--session <key>", "as requests of one session")
    .option("--agent <id>", "another agent's accounts (default: the default agent's)")
    .option("--json", "print JSON")
    .action((_flags: unknown, command: Command) => run((context) => runAuthSimulate(context, command.optsWithGlobals())));
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

const SHORTEST_EVERY_MS = 1000;
const YEAR_MS = 366 * 86_400_000;

/** Looks at files and nothing else; the rest happens on a clock of its own. */
async function runAuthSimulate(context: Pick<CliContext, "io" | "home" | "clock">, flags: SimulateFlags): Promise<ExitCode> {
  const { io } = context;
  const { fail: faults = [], agent: agentId, session: key } = flags;
  if (faults.length === 0) throw new CliError("Nothing fails.", "add --fail, for example --fail anthropic:work=429 --for 10m");
  if (key === "") throw new CliError("--session is empty");
  const [{ parseTimeSpan }, { simulatedClock }, { simulate }, { knownHealth }, { askedSession }, { askedModels }, { renderSimulation }] =
    await Promise.all([
      import("../../../models-simulate/time-span.ts"),
      import("../../../models-simulate/simulated-clock.ts"),
      import("../../../models-simulate/simulate.ts"),
      import("../../../models-explain/known-health.ts"),
      import("../../../models-explain/asked-session.ts"),
      import("../../../models-explain/targets.ts"),
      import("../../../render/models-simulate.ts"),
    ]);
  const [forMs, everyMs] = [parseTimeSpan(flags.for, "--for"), parseTimeSpan(flags.every, "--every")];
  if (forMs <= 0 || forMs > YEAR_MS) throw new CliError("--for must be more than nothing, and a year at most.");
  if (everyMs < SHORTEST_EVERY_MS || everyMs > YEAR_MS) throw new CliError("--every must be a second or more, and a year at most.");
  const clock = simulatedClock(context.clock.now());
  const home = await context.home({ clock });
  try {
    const { current } = home;
    const text = flags.model ?? "openclaw";
    const { health, notes } = await knownHealth(current, clock);
    const session = key === undefined ? undefined : await askedSession(current, key, askedModels(current, text, agentId).agentId);
    const simulation = await simulate(home, { text, agentId, session, faults, forMs, everyMs, clock, health, notes });
    io.out(flags.json ? JSON.stringify(simulation, null, 2) : renderSimulation(simulation));
    return 0;
  } finally {
    home.close();
  }
}
