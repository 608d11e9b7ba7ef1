import type { Command } from "commander";
import type { CliContext } from "../../../context.ts";
import type { ExitCode } from "../../../exit.ts";
import { inHome } from "../../../models-auth/in-home.ts";
import { ownSources, type PersonSources } from "../../../models-auth/own-sources.ts";
import type { TokenFlags } from "../../../models-auth/token-input.ts";
import type { Runner } from "../../../program.ts";
import { readVersion } from "../../../version.ts";

interface PasteTokenFlags extends TokenFlags {
  readonly provider: string;
  readonly profileId?: string;
  readonly expiresIn?: string;
  readonly agent?: string;
}

export function addAuthPasteToken(auth: Command, run: Runner): void {
  auth
    .command("paste-token")
    .description("store a token that was copied from somewhere")
    .requiredOption("--provider <name>", "the provider it is for")
    .option("--profile-id <id>", "id of the account (default: <provider>:manual)")
    .option("--expires-in <duration>", "when it ends, such as 365d or 12h")
    .option("--from-file <path>", "read the token from a file")
    .option("--from-env <name>", "read the token from a variable")
    .option("--token <value>", "the token itself, for scripts: other programs of this machine can see it")
    .option("--agent <id>", "for another agent (default: the default agent)")
    .action((_flags: unknown, command: Command) => run((context) => runPasteToken(context, command.optsWithGlobals())));
}

type PasteContext = Pick<CliContext, "io" | "env" | "home" | "clock" | "interrupted">;

/** Asks for a token, or reads it, checks what can be checked and stores it. Its characters are not shown. */
function runPasteToken(context: PasteContext, flags: PasteTokenFlags, input: PersonSources = ownSources(context.env)): Promise<ExitCode> {
  return inHome(context, async (home, signal) => {
    const [
      { parseDuration },
      { readToken },
      { storeToken },
      { maskedSecret },
      { renderPasted },
      { readFingerprintSalt },
      { unknownProvider },
      { noticesOf },
    ] = await Promise.all([
      import("../../../models-auth/duration.ts"),
      import("../../../models-auth/token-input.ts"),
      import("../../../models-auth/store-token.ts"),
      import("../../../profile-label.ts"),
      import("../../../render/models-auth.ts"),
      import("@openclaw/home"),
      import("../../../models-auth/unknown-provider.ts"),
      import("../../../models-auth/store-account.ts"),
    ]);
    const { io, clock } = context;
    if (flags.token !== undefined) {
      io.err("Warning: a token in --token is seen in the list of processes and kept by the shell; use stdin, --from-file or --from-env.");
    }
    const warning = unknownProvider(home.current, flags.provider);
    if (warning !== undefined) io.err(`Warning: ${warning}`);
    // Before the question: nobody is to paste a token for nothing.
    const expiresInMs = flags.expiresIn === undefined ? undefined : parseDuration(flags.expiresIn);
    home.current.agents.find(flags.agent).profiles();

    const token = await readToken(flags, `Paste token for ${flags.provider}`, { env: context.env, ...input, signal });
    const now = clock.now();
    const expiresAt = expiresInMs === undefined ? undefined : now + expiresInMs;
    const stored = await storeToken(home.current, {
      agentId: flags.agent,
      provider: flags.provider,
      profileId: flags.profileId,
      secret: token.secret,
      expiresAt,
      stamp: { version: readVersion(), at: new Date(now) },
      signal,
    });
    const { paths } = home.current;
    // Read now: the first account brings the salt.
    const shown = maskedSecret(token.secret, await readFingerprintSalt(paths.stateDir));
    if (token.doubt !== undefined) io.err(`Warning: ${token.doubt}`);
    for (const notice of await noticesOf(home, stored)) io.err(notice);
    io.out(renderPasted({ ...stored, configPath: paths.display(paths.configPath), shown, length: token.length, expiresAt }));
    return 0;
  });
}
