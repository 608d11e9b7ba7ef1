import type { Command } from "commander";
import type { CliContext } from "../../../context.ts";
import { CliError, type ExitCode } from "../../../exit.ts";
import { inHome } from "../../../models-auth/in-home.ts";
import { ownSources, type PersonSources } from "../../../models-auth/own-sources.ts";
import type { Runner } from "../../../program.ts";
import { Interrupted } from "../../../prompt.ts";
import { readVersion } from "../../../version.ts";

interface SetupTokenFlags {
  readonly provider?: string;
  readonly yes?: boolean;
  readonly agent?: string;
}

export function addAuthSetupToken(auth: Command, run: Runner): void {
  auth
    .command("setup-token")
    .description("store a setup-token of Anthropic, which claude setup-token makes")
    .option("--provider <name>", "anthropic, which is the only one that has them")
    .option("--yes", "run claude setup-token without asking")
    .option("--agent <id>", "for another agent (default: the default agent)")
    .action((_flags: unknown, command: Command) => run((context) => runSetupToken(context, command.optsWithGlobals())));
}

type SetupContext = Pick<CliContext, "io" | "env" | "home" | "clock" | "interrupted">;

/** Lets the person make a token with their own program, and stores what they paste. Its characters are not shown. */
function runSetupToken(context: SetupContext, flags: SetupTokenFlags, { ask }: PersonSources = ownSources(context.env)): Promise<ExitCode> {
  const { io, env, clock } = context;
  return inHome(context, async (home, signal) => {
    const prompt = await ask(signal);
    if (prompt === undefined) {
      throw new CliError("setup-token requires an interactive TTY.", "without one: openclaw models auth paste-token --provider anthropic");
    }
    const [setup, { askToken }, { readPastedSetupToken }, add, { requireProfileId, requireProvider, noticesOf }, { renderPasted }] =
      await Promise.all([
        import("../../../models-auth/setup-token.ts"),
        import("../../../models-auth/token-input.ts"),
        import("../../../models-auth/pasted-token.ts"),
        import("../../../models-auth/add-account.ts"),
        import("../../../models-auth/store-account.ts"),
        import("../../../render/models-auth.ts"),
      ]);
    const provider = requireProvider(flags.provider ?? "anthropic");
    if (provider !== "anthropic") {
      throw new CliError(`${provider} has no setup-tokens; only anthropic has`, `openclaw models auth add --provider ${provider}`);
    }
    const agent = home.current.agents.find(flags.agent);
    const { profiles } = await agent.storage.read();
    prompt.say(setup.SETUP_TOKEN_POLICY);

    const claude = await setup.findClaude(env, process.platform);
    if (claude === undefined) prompt.say("Run `claude setup-token` in another terminal; `claude` is not on the PATH here.");
    else if (flags.yes === true || (await prompt.confirm({ message: "Run `claude setup-token` here now?", initial: true }))) {
      const problem = await setup.runClaude(claude);
      if (signal.aborted) throw new Interrupted();
      if (problem !== undefined) prompt.say(`claude setup-token ${problem}. If you have a token already, paste it.`);
    }
    const token = await askToken(prompt, "Paste the token, all of its lines", readPastedSetupToken);
    const check = (name: string) => (/^[^\s\p{Cc}\p{Cf}:]*$/u.test(name) ? undefined : "A name has no spaces and no colon");
    const name = await prompt.text({ message: "Name of the token (empty for default)", check });
    const plan = {
      provider,
      type: "token",
      profileId: requireProfileId(`anthropic:${name || "default"}`),
      expiresInMs: undefined,
    } as const;
    const inTheWay = add.accountInTheWay(profiles.get(plan.profileId), plan);
    if (inTheWay !== undefined && !(await prompt.confirm({ message: `${inTheWay}. Replace it?`, initial: false }))) {
      io.err("Nothing was changed.");
      return 1;
    }
    if (token.doubt !== undefined) io.err(`Warning: ${token.doubt}`);
    const stamp = { version: readVersion(), at: new Date(clock.now()) };
    const stored = await add.addAccount(home.current, {
      plan,
      agentId: flags.agent,
      credential: token,
      expiresAt: undefined,
      stamp,
      signal,
    });
    for (const notice of await noticesOf(home, stored)) io.err(notice);
    io.out(renderPasted(stored));
    return 0;
  });
}
