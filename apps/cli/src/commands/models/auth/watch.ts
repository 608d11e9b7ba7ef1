import { join, resolve } from "node:path";
import type { Command } from "commander";
import type { CliContext } from "../../../context.ts";
import { CliError, type ExitCode } from "../../../exit.ts";
import { inHome } from "../../../models-auth/in-home.ts";
import type { WatchOptions } from "../../../models-auth/watch-accounts.ts";
import type { WebhookFlags } from "../../../models-auth/webhook-address.ts";
import type { Runner } from "../../../program.ts";

interface WatchFlags extends WebhookFlags {
  readonly once?: boolean;
  readonly state?: string;
  readonly interval: string;
  readonly json?: boolean;
  readonly exec?: readonly string[];
  readonly inUse?: boolean;
  readonly agent?: string;
}

export function addAuthWatch(auth: Command, run: Runner): void {
  auth
    .command("watch")
    .description("tell when an account begins to expire, stops working, or works again: once each")
    .option("--once", "look once, and exit like models status --check")
    .option("--state <path>", "file that holds what was told already (default: auth-watch.json in the state folder)")
    .option("--interval <duration>", "how often to look at least", "5m")
    .option("--json", "print each event as a line of JSON")
    .option("--exec <command...>", "run a program for each event, with the event as JSON on its standard input; no shell")
    .option("--webhook-from-env <name>", "post each event as JSON to the address in a variable, or in .env of the state folder")
    .option("--webhook-file <path>", "the same, to the address in a file")
    .option("--webhook <url>", "the same, to an address that is no secret: other programs of this machine can see it")
    .option("--in-use", "only accounts that requests for the configured models are for")
    .option("--agent <id>", "another agent's accounts (default: the default agent's)")
    .action((_flags: unknown, command: Command) => run((context) => runAuthWatch(context, command.optsWithGlobals())));
}

type WatchContext = Pick<CliContext, "io" | "env" | "home" | "learn" | "clock" | "interrupted">;

/** A timer that fires at once is a mistake, and would keep the machine busy. */
const SHORTEST_INTERVAL_MS = 1000;

/** Tells changes until it is asked to stop, or once. The only file it writes is the one that holds what was told. */
function runAuthWatch(context: WatchContext, flags: WatchFlags): Promise<ExitCode> {
  const { io } = context;
  return inHome(context, async (home, signal) => {
    const [{ lookOnce, keepLooking }, { createWatchStateFile }, { parseDuration }, { renderAuthEvent }, secrets, status] =
      await Promise.all([
        import("../../../models-auth/watch-accounts.ts"),
        import("../../../models-auth/watch-state.ts"),
        import("../../../models-auth/duration.ts"),
        import("../../../render/auth-watch.ts"),
        import("@openclaw/secrets"),
        Promise.all([import("../../../status-report.ts"), import("../../../status-check.ts")]),
      ]);
    const [{ createStatusReport }, { checkExit, profilesInUse }] = status;
    const intervalMs = parseDuration(flags.interval);
    if (intervalMs < SHORTEST_INTERVAL_MS) throw new CliError("--interval is too short", "1s or more, such as 5m");
    const { agents, paths } = home.current;
    agents.find(flags.agent).profiles();
    const clock = { ...secrets.systemClock, now: () => context.clock.now() };
    const statePath = flags.state === undefined ? join(paths.stateDir, "auth-watch.json") : resolve(paths.workingDirectory, flags.state);
    const complain = (text: string) => io.err(text);
    const options: WatchOptions = {
      home,
      agentId: flags.agent,
      ...(flags.inUse && { only: () => profilesInUse(home, flags.agent).wanted }),
      state: createWatchStateFile(statePath, complain),
      locks: secrets.createLockFolder(join(paths.stateDir, "locks")),
      lockName: `auth-watch ${statePath}`,
      hooks: await readHooks(flags, { home, clock, io }),
      clock,
      signal,
      textOf: renderAuthEvent,
      show: (notice) => io.out(flags.json ? JSON.stringify(notice) : notice.text),
      complain,
    };
    if (flags.once) {
      const { isTold } = await lookOnce(options);
      const query = { now: clock.now(), ...(flags.agent !== undefined && { agentId: flags.agent }) };
      const report = createStatusReport(home, query);
      // Events are of accounts; that there is none has to be said all the same, for it decides the exit code.
      for (const { name, reason, hint } of report.auth.unusableInUse) {
        io.err(`In use, but cannot work: ${name}: ${reason}${hint === undefined ? "" : `; ${hint}`}`);
      }
      const code = checkExit(report, flags.inUse ? profilesInUse(home, flags.agent).used : undefined);
      return isTold ? code : 1;
    }
    io.err(`Watching the accounts of agent ${agents.find(flags.agent).id}, every ${flags.interval} at least. Ctrl-C ends it.`);
    try {
      await keepLooking({ ...options, intervalMs, learn: () => context.learn(home.current) });
    } catch (error) {
      // Asked to stop, which is how it ends.
      if (!signal.aborted) throw error;
    }
    return 0;
  });
}

async function readHooks(
  flags: WatchFlags,
  { home, clock, io }: Pick<WatchOptions, "home" | "clock"> & Pick<CliContext, "io">,
): Promise<WatchOptions["hooks"]> {
  const [{ notifyCommand }, { notifyWebhook }, { readWebhookAddress }] = await Promise.all([
    import("../../../models-auth/notify-command.ts"),
    import("../../../models-auth/notify-webhook.ts"),
    import("../../../models-auth/webhook-address.ts"),
  ]);
  const { env, paths } = home.current;
  const address = await readWebhookAddress(flags, env.values);
  if (flags.webhook?.startsWith("https:")) {
    io.err(
      "Warning: an address in --webhook is seen in the list of processes; if it is a secret use --webhook-from-env or --webhook-file.",
    );
  }
  return [
    ...(flags.exec === undefined ? [] : [await notifyCommand({ argv: flags.exec, env: env.values, cwd: paths.workingDirectory, clock })]),
    ...(address === undefined ? [] : [notifyWebhook(address)]),
  ];
}
