import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import type { Home } from "@openclaw/home";
import type { CliContext } from "../../context.ts";
import { CliError, type ExitCode } from "../../exit.ts";
import type { Runner } from "../../program.ts";
import { Interrupted, openPrompt, ownTerminal, type Prompt } from "../../prompt.ts";
import type { WrittenPlan } from "../../secrets-configure/draft.ts";
import type { ApplyResult } from "../../secrets-plan/apply.ts";
import { readVersion } from "../../version.ts";

export interface ConfigureFlags {
  readonly planOut?: string;
  readonly apply?: boolean;
  readonly providersOnly?: boolean;
  readonly skipProviderSetup?: boolean;
  readonly agent?: string;
  readonly allowExec?: boolean;
  readonly json?: boolean;
}

export function addSecretsConfigure(secrets: Command, run: Runner): void {
  secrets
    .command("configure")
    .description("plan, by question and answer, which stored secrets become references")
    .option("--plan-out <path>", "write the plan to a file, for openclaw secrets apply")
    .option("--apply", "carry the plan out, after a last question")
    .option("--providers-only", "only set up where secrets are kept")
    .option("--skip-provider-setup", "only choose the references")
    .option("--agent <id>", "another agent's accounts (default: the default agent's)")
    .option("--allow-exec", "run the commands that references lead to")
    .option("--json", "print the plan and how its references fared as JSON")
    .action((flags: ConfigureFlags) => run((context) => runSecretsConfigure(context, flags)));
}

/** Opens the terminal for the questions. A test brings its own. */
export type AskWith = (signal: AbortSignal) => Promise<Prompt> | undefined;

type ConfigureContext = Pick<CliContext, "io" | "env" | "home" | "clock" | "interrupted">;

/** Makes a plan. Nothing is written before the last answer, and after Ctrl-C nothing at all. */
export async function runSecretsConfigure(
  context: ConfigureContext,
  flags: ConfigureFlags,
  askWith: AskWith = askOwnTerminal(context),
): Promise<ExitCode> {
  if (flags.providersOnly && flags.skipProviderSetup) throw new CliError("--providers-only and --skip-provider-setup leave nothing to ask");
  const stop = new AbortController();
  const opening = askWith(stop.signal);
  if (opening === undefined)
    throw new CliError(
      "secrets configure requires an interactive TTY.",
      "without a terminal, write a plan and use openclaw secrets apply --from <plan>",
    );
  void context.interrupted().then(() => stop.abort());
  const home = await context.home();
  try {
    return await configure(context, flags, { home, prompt: await opening, signal: stop.signal });
  } catch (error) {
    if (error instanceof Interrupted || (stop.signal.aborted && error === stop.signal.reason)) return 130;
    throw error;
  } finally {
    home.close();
  }
}

interface Session {
  readonly home: Home;
  readonly prompt: Prompt;
  readonly signal: AbortSignal;
}

async function configure(context: ConfigureContext, flags: ConfigureFlags, session: Session): Promise<ExitCode> {
  const { home, prompt, signal } = session;
  const [{ configureSecrets }, { askPlanFile, claimPlanFile, needsCommand, writePlanFile }] = await Promise.all([
    import("../../secrets-configure/configure-secrets.ts"),
    import("../../secrets-configure/keep-plan.ts"),
  ]);
  const { agents, paths } = home.current;
  // Asked first: nobody is to answer twenty questions for a plan that has no place to go.
  const given = flags.planOut === undefined ? undefined : await claimPlanFile(resolve(flags.planOut), prompt);
  const configured = await configureSecrets({
    prompt,
    signal,
    home: home.current,
    agentId: flags.agent === undefined ? agents.defaultId : agents.find(flags.agent).id,
    parts: flags.providersOnly ? "providers" : flags.skipProviderSetup ? "mappings" : "both",
    allowExec: flags.allowExec ?? false,
    uid: process.getuid?.(),
  });
  if (configured === undefined) {
    if (flags.json) context.io.out(JSON.stringify({ version: 1, plan: null, preflight: [] }, null, 2));
    else context.io.out("Nothing was chosen, and nothing was changed.");
    return 0;
  }

  const { plan, preflight } = configured;
  const isRefused = needsCommand(plan) && !flags.allowExec;
  const isAsked = !isRefused && (flags.apply === true || given === undefined);
  const isApplied =
    isAsked &&
    (await prompt.confirm({ message: "Apply this plan now? The stored values it replaces are removed for good.", initial: false }));
  const file = given ?? (isApplied || flags.json ? undefined : await askPlanFile(prompt, paths.home));
  // From here on nothing is asked any more.
  if (file !== undefined) await writePlanFile(file, plan);
  const result = isApplied ? await applyNow(plan, file?.path, { context, flags, ...session }) : undefined;
  if (flags.json) {
    context.io.out(
      JSON.stringify({ version: 1, plan, preflight, ...(file && { planPath: file.path }), ...(result && { applied: result }) }, null, 2),
    );
  } else {
    if (file) context.io.out(`Plan written to ${paths.display(file.path)}.`);
    if (result) context.io.out((await import("../../render/secrets-apply.ts")).renderSecretsApply(result, paths.display));
    else if (file)
      context.io.out(
        `Carry it out with: openclaw secrets apply --from ${paths.display(file.path)}${needsCommand(plan) ? " --allow-exec" : ""}`,
      );
    else context.io.out("Nothing was changed.");
  }
  if (isRefused && flags.apply) throw new CliError("Plan contains exec SecretRefs/providers. Re-run with --allow-exec.");
  return 0;
}

function askOwnTerminal({ env }: Pick<CliContext, "env">): AskWith {
  return (signal) => {
    const terminal = ownTerminal();
    return terminal && openPrompt(terminal, { env, signal });
  };
}

interface ApplyNow extends Session {
  readonly context: ConfigureContext;
  readonly flags: ConfigureFlags;
}

/** As `secrets apply` does. A plan that nobody asked to keep is in a folder of its own for that long. */
async function applyNow(plan: WrittenPlan, planPath: string | undefined, { context, flags, home, signal }: ApplyNow): Promise<ApplyResult> {
  const [{ applySecretsPlan }, { writePlanFile }] = await Promise.all([
    import("../../secrets-plan/apply.ts"),
    import("../../secrets-configure/keep-plan.ts"),
  ]);
  const folder = planPath === undefined ? await mkdtemp(join(tmpdir(), "openclaw-plan-")) : undefined;
  const path = planPath ?? join(folder ?? "", "plan.json");
  try {
    if (folder !== undefined) await writePlanFile({ path, isReplacing: false }, plan);
    return await applySecretsPlan(home, {
      planPath: path,
      mode: "write",
      allowExec: flags.allowExec ?? false,
      stamp: { version: readVersion(), at: new Date(context.clock.now()) },
      signal,
    });
  } finally {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  }
}
