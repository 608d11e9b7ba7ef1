import { Argument, type Command } from "commander";
import { homedir } from "node:os";
import { resolve } from "node:path";
import type { LoginOwner } from "@openclaw/auth-profiles";
import type { CliContext } from "../../../context.ts";
import type { ExitCode } from "../../../exit.ts";
import { inHome } from "../../../models-auth/in-home.ts";
import type { Runner } from "../../../program.ts";
import { readVersion } from "../../../version.ts";

interface ImportFlags {
  readonly agent?: string;
  readonly profileId?: string;
  readonly fromFile?: string;
  readonly takeOver?: boolean;
  readonly replace?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

const owners: readonly LoginOwner[] = ["codex", "claude", "gemini"];

export function addAuthImport(auth: Command, run: Runner): void {
  auth
    .command("import")
    .description("copy the login of another tool, once: its access, which that tool goes on renewing for itself")
    .addArgument(new Argument("<tool>", "whose login").choices(owners))
    .option("--profile-id <id>", "id of the account (default: openai-codex:default, anthropic:claude, google-gemini-cli:<email>)")
    .option("--from-file <path>", "the login file, where the tool does not have it in its usual place")
    .option("--take-over", "with the refresh token: the other tool will have to log in again")
    .option("--replace", "in place of a login that is fresher, or of another account")
    .option("--dry-run", "say what would be stored, and write nothing")
    .option("--agent <id>", "for another agent (default: the default agent)")
    .option("--json", "print JSON")
    .action((tool: string, _flags: unknown, command: Command) => {
      const owner = owners.find((known) => known === tool);
      return owner === undefined ? undefined : run((context) => runAuthImport(context, owner, command.optsWithGlobals()));
    });
}

/** Shows whose login became which account, and until when it lasts. */
function runAuthImport(
  context: Pick<CliContext, "io" | "env" | "home" | "clock" | "interrupted">,
  owner: LoginOwner,
  flags: ImportFlags,
): Promise<ExitCode> {
  return inHome(context, async (home, signal) => {
    const [{ importLogin }, { loginPath }, { renderImport }] = await Promise.all([
      import("../../../models-auth/import-login.ts"),
      import("../../../models-auth/login-file.ts"),
      import("../../../render/import-login.ts"),
    ]);
    const now = context.clock.now();
    const report = await importLogin(home, {
      owner,
      path: flags.fromFile === undefined ? loginPath(owner, context.env, homedir) : resolve(flags.fromFile),
      agentId: flags.agent,
      profileId: flags.profileId,
      takesOver: flags.takeOver === true,
      replaces: flags.replace === true,
      mode: flags.dryRun === true ? "dry-run" : "write",
      now,
      stamp: { version: readVersion(), at: new Date(now) },
      signal,
    });
    for (const warning of report.warnings) context.io.err(`Warning: ${warning}`);
    context.io.out(flags.json === true ? JSON.stringify(report, null, 2) : renderImport(report));
    return 0;
  });
}
