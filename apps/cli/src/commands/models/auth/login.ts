import type { Home } from "@openclaw/home";
import type { Command } from "commander";
import type { CliContext } from "../../../context.ts";
import { CliError, type ExitCode } from "../../../exit.ts";
import { inHome } from "../../../models-auth/in-home.ts";
import { ownSources, type PersonSources } from "../../../models-auth/own-sources.ts";
import type { Runner } from "../../../program.ts";
import { readVersion } from "../../../version.ts";

interface LoginFlags {
  readonly provider?: string;
  readonly device?: boolean;
  readonly profileId?: string;
  readonly replace?: boolean;
  readonly browser?: boolean;
  readonly agent?: string;
  readonly json?: boolean;
}

export function addAuthLogin(auth: Command, run: Runner): void {
  auth
    .command("login")
    .description("log in to a provider with an account of yours")
    .option("--provider <name>", "the provider (asked for unless given)")
    .option("--device", "show a code to enter on any device; needs no terminal")
    .option("--profile-id <id>", "id of the account (default: <provider>:<e-mail address>, else <provider>:default)")
    .option("--replace", "let the login take the place of another account of that id")
    .option("--no-browser", "open no browser, only show the address")
    .option("--agent <id>", "for another agent (default: the default agent)")
    .option("--json", "print JSON")
    .action((_flags: unknown, command: Command) => run((context) => runAuthLogin(context, command.optsWithGlobals())));
}

type LoginContext = Pick<CliContext, "io" | "env" | "home" | "clock" | "interrupted">;

/** Asks for the provider unless one is given, and logs in. */
function runAuthLogin(context: LoginContext, flags: LoginFlags, sources: PersonSources = ownSources(context.env)): Promise<ExitCode> {
  return inHome(context, async (home, signal) => {
    const prompt = await sources.ask(signal);
    if (prompt === undefined && flags.device !== true) {
      throw new CliError("models auth login requires an interactive TTY.", await hintWithoutTerminal(home, flags.provider));
    }
    const { loginProviders } = await import("../../../models-auth/login-providers.ts");
    const choices = loginProviders(home.current).map((id) => ({ value: id, label: id }));
    const provider = flags.provider ?? (await prompt?.select({ message: "Log in to", choices }));
    if (provider === undefined) throw new CliError("--provider is needed where nobody can be asked");
    return logInTo(provider, { context, flags, sources, home, signal });
  });
}

/** A login on another device needs no terminal, where the provider has one. */
async function hintWithoutTerminal(home: Home, provider: string | undefined): Promise<string> {
  const { hasDeviceLogin } = await import("../../../models-auth/login-providers.ts");
  return provider === undefined || hasDeviceLogin(home.current, provider) ? "--device logs in without one" : "run it in a terminal";
}

/** What a login goes on with once it is known where to. */
export interface LoginScene {
  readonly context: Pick<CliContext, "io" | "env" | "clock">;
  readonly flags: LoginFlags;
  readonly sources: Pick<PersonSources, "ask">;
  readonly home: Home;
  readonly signal: AbortSignal;
}

/** Logs in, stores the login and says what was stored. A login that fails stores nothing. */
export async function logInTo(provider: string, { context, flags, sources: { ask }, home, signal }: LoginScene): Promise<ExitCode> {
  const { io, env, clock } = context;
  const [{ logIn }, { noticesOf }, { loginReport, renderLogin }] = await Promise.all([
    import("../../../models-auth/log-in.ts"),
    import("../../../models-auth/store-account.ts"),
    import("../../../render/login.ts"),
  ]);
  const stored = await logIn(
    home.current,
    {
      provider,
      agentId: flags.agent,
      profileId: flags.profileId,
      isDevice: flags.device === true,
      opensBrowser: flags.browser !== false,
      mayReplace: flags.replace === true,
    },
    {
      env,
      platform: process.platform,
      clock,
      say: (text) => io.err(text),
      ask,
      stamp: () => ({ version: readVersion(), at: new Date(clock.now()) }),
      signal,
    },
  );
  if (stored === undefined) {
    io.err("Nothing was changed.");
    return 1;
  }
  for (const notice of await noticesOf(home, stored)) io.err(notice);
  const report = await loginReport(home.current, stored);
  io.out(flags.json ? JSON.stringify(report, null, 2) : renderLogin(report));
  return 0;
}
