import { resolve } from "node:path";
import type { Command } from "commander";
import type { CliContext } from "../../context.ts";
import type { ExitCode } from "../../exit.ts";
import type { Runner } from "../../program.ts";
import { readVersion } from "../../version.ts";

interface ApplyFlags {
  readonly from: string;
  readonly dryRun?: boolean;
  readonly allowExec?: boolean;
  readonly json?: boolean;
}

export function addSecretsApply(secrets: Command, run: Runner): void {
  secrets
    .command("apply")
    .description("put references in the place of stored secrets, as a plan says")
    .requiredOption("--from <path>", "the plan")
    .option("--dry-run", "say what would change, and write nothing")
    .option("--allow-exec", "run the commands that references of the plan lead to")
    .option("--json", "print JSON")
    .action((flags: ApplyFlags) => run((context) => runSecretsApply(context, flags)));
}

/** Changes every file or none. The first Ctrl-C ends it as long as nothing is written, a second one at once. */
async function runSecretsApply(
  context: Pick<CliContext, "io" | "home" | "clock" | "interrupted">,
  { from, dryRun = false, allowExec = false, json = false }: ApplyFlags,
): Promise<ExitCode> {
  const stop = new AbortController();
  void context.interrupted().then(() => stop.abort());
  const [home, { applySecretsPlan }, { renderRecovered, renderSecretsApply }] = await Promise.all([
    context.home(),
    import("../../secrets-plan/apply.ts"),
    import("../../render/secrets-apply.ts"),
  ]);
  try {
    const result = await applySecretsPlan(home, {
      planPath: resolve(from),
      mode: dryRun ? "dry-run" : "write",
      allowExec,
      stamp: { version: readVersion(), at: new Date(context.clock.now()) },
      signal: stop.signal,
    });
    const recovered = renderRecovered(result);
    if (recovered !== undefined) context.io.err(recovered);
    context.io.out(json ? JSON.stringify(result, null, 2) : renderSecretsApply(result, home.current.paths.display));
    return 0;
  } catch (error) {
    if (stop.signal.aborted && error === stop.signal.reason) return 130;
    throw error;
  } finally {
    home.close();
  }
}
