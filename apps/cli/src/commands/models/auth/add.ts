import type { Command } from "commander";
import type { CliContext } from "../../../context.ts";
import { CliError, type ExitCode } from "../../../exit.ts";
import type { AddFlags } from "../../../models-auth/add-interview.ts";
import { inHome } from "../../../models-auth/in-home.ts";
import { ownSources, type PersonSources } from "../../../models-auth/own-sources.ts";
import type { Runner } from "../../../program.ts";
import { readVersion } from "../../../version.ts";
import { logInTo } from "./login.ts";

interface AuthAddFlags extends AddFlags {
  readonly fromFile?: string;
  readonly fromEnv?: string;
  readonly ref?: string;
  readonly replace?: boolean;
  readonly agent?: string;
  readonly json?: boolean;
}

export function addAuthAdd(auth: Command, run: Runner): void {
  auth
    .command("add")
    .description("store an API key or a token; asks for what is not given")
    .option("--provider <name>", "the provider it is for")
    .option("--type <type>", "api_key or token")
    .option("--profile-id <id>", "id of the account (default: <provider>:default for a key, <provider>:manual for a token)")
    .option("--expires-in <duration>", "when a token ends, such as 365d or 12h")
    .option("--from-file <path>", "read it from a file")
    .option("--from-env <name>", "read it from a variable")
    .option("--ref <env:NAME>", "store where it is, not the value")
    .option("--replace", "let it take the place of an account of another kind")
    .option("--agent <id>", "for another agent (default: the default agent)")
    .option("--json", "print JSON")
    .action((_flags: unknown, command: Command) => run((context) => runAuthAdd(context, command.optsWithGlobals())));
}

type AddContext = Pick<CliContext, "io" | "env" | "home" | "clock" | "interrupted">;

/** Stores a credential that a person gives. Its characters are not shown. */
function runAuthAdd(context: AddContext, flags: AuthAddFlags, sources: PersonSources = ownSources(context.env)): Promise<ExitCode> {
  const { io, env, clock } = context;
  return inHome(context, async (home, signal) => {
    const [add, interview, input, pasted, { noticesOf }, { renderPasted }, { unknownProvider }] = await Promise.all([
      import("../../../models-auth/add-account.ts"),
      import("../../../models-auth/add-interview.ts"),
      import("../../../models-auth/token-input.ts"),
      import("../../../models-auth/pasted-token.ts"),
      import("../../../models-auth/store-account.ts"),
      import("../../../render/models-auth.ts"),
      import("../../../models-auth/unknown-provider.ts"),
    ]);
    const { fromFile, fromEnv, ref } = flags;
    if ([fromFile, fromEnv, ref].filter((flag) => flag !== undefined).length > 1) {
      throw new CliError("Choose one of --from-file, --from-env and --ref.");
    }
    const agent = home.current.agents.find(flags.agent);
    const prompt = await sources.ask(signal);
    const isAsked = prompt !== undefined && (flags.provider === undefined || flags.type === undefined);
    const plan = isAsked ? await interview.askPlan(home.current, flags, prompt) : interview.planOf(flags);
    if ("logIn" in plan) return logInTo(plan.logIn, { context, flags, sources, home, signal });
    const warning = unknownProvider(home.current, plan.provider);
    if (warning !== undefined) io.err(`Warning: ${warning}`);
    // Before the question: nobody is to paste a key for nothing.
    const inTheWay = add.accountInTheWay((await agent.storage.read()).profiles.get(plan.profileId), plan);
    if (inTheWay !== undefined && flags.replace !== true) {
      if (prompt === undefined) throw new CliError(`${inTheWay}. Nothing was changed.`, "name another --profile-id, or add --replace");
      if (!(await prompt.confirm({ message: `${inTheWay}. Replace it?`, initial: false }))) {
        io.err("Nothing was changed.");
        return 1;
      }
    }
    const reference = ref === undefined ? undefined : add.parseRefFlag(ref);
    const doubt = reference && add.refDoubt(reference, env);
    if (doubt !== undefined) io.err(`Warning: ${doubt}`);

    const [what, read] =
      plan.type === "token" ? (["token", pasted.readPastedToken] as const) : (["API key", pasted.readPastedKey] as const);
    const credential = reference
      ? { ref: reference }
      : await input.readToken(flags, `Paste ${what} for ${plan.provider}`, { env, ...sources, signal, read });
    if ("doubt" in credential && credential.doubt !== undefined) io.err(`Warning: ${credential.doubt}`);
    const now = clock.now();
    const stored = await add.addAccount(home.current, {
      plan,
      agentId: flags.agent,
      credential,
      expiresAt: plan.expiresInMs === undefined ? undefined : now + plan.expiresInMs,
      stamp: { version: readVersion(), at: new Date(now) },
      signal,
    });
    for (const notice of await noticesOf(home, stored)) io.err(notice);
    const { profile: _profile, ...report } = stored;
    io.out(flags.json ? JSON.stringify(report, null, 2) : renderPasted(report));
    return 0;
  });
}
