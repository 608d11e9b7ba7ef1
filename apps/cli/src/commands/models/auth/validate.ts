import type { Command } from "commander";
import type { CliContext } from "../../../context.ts";
import type { ExitCode } from "../../../exit.ts";
import type { Runner } from "../../../program.ts";

interface ValidateFlags {
  readonly file?: string;
  readonly agent?: string;
  readonly json?: boolean;
}

export function addAuthValidate(auth: Command, run: Runner): void {
  auth
    .command("validate")
    .description("find mistakes in a store of accounts: 1 where one keeps an account from working")
    .option("--file <path>", "this file (default: the agent's auth-profiles.json)")
    .option("--agent <id>", "another agent's accounts (default: the default agent's)")
    .option("--json", "print JSON")
    .action((_flags: unknown, command: Command) => run((context) => runAuthValidate(context, command.optsWithGlobals())));
}

/** Reads only, and shows no value. */
async function runAuthValidate(context: Pick<CliContext, "io" | "home" | "clock">, flags: ValidateFlags): Promise<ExitCode> {
  const [home, { validateStoreFile }, { renderValidation }] = await Promise.all([
    context.home(),
    import("../../../models-auth/validate-store.ts"),
    import("../../../render/store-validation.ts"),
  ]);
  try {
    const validation = await validateStoreFile(home.current, { file: flags.file, agentId: flags.agent, now: context.clock.now() });
    context.io.out(flags.json ? JSON.stringify(validation, null, 2) : renderValidation(validation));
    return validation.isValid ? 0 : 1;
  } finally {
    home.close();
  }
}
