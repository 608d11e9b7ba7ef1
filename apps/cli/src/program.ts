import { Command, CommanderError } from "commander";
import { createContext, type CliContext, type ProcessView } from "./context.ts";
import type { ExitCode } from "./exit.ts";
import { addGatewayInstall } from "./commands/gateway/install.ts";
import { addGatewayLogs } from "./commands/gateway/logs.ts";
import { addGatewayRestart } from "./commands/gateway/restart.ts";
import { addGatewayRun } from "./commands/gateway/run.ts";
import { addGatewayStart } from "./commands/gateway/start.ts";
import { addGatewayStatus } from "./commands/gateway/status.ts";
import { addGatewayStop } from "./commands/gateway/stop.ts";
import { addGatewayToken } from "./commands/gateway/token.ts";
import { addGatewayUninstall } from "./commands/gateway/uninstall.ts";
import { addAuthAdd } from "./commands/models/auth/add.ts";
import { addAuthClearCooldown } from "./commands/models/auth/clear-cooldown.ts";
import { addAuthExplain } from "./commands/models/auth/explain.ts";
import { addAuthImport } from "./commands/models/auth/import.ts";
import { addAuthList } from "./commands/models/auth/list.ts";
import { addAuthLogin } from "./commands/models/auth/login.ts";
import { addAuthOrder } from "./commands/models/auth/order.ts";
import { addAuthPasteToken } from "./commands/models/auth/paste-token.ts";
import { addAuthRemove } from "./commands/models/auth/remove.ts";
import { addAuthSimulate } from "./commands/models/auth/simulate.ts";
import { addAuthWatch } from "./commands/models/auth/watch.ts";
import { addAuthSetupToken } from "./commands/models/auth/setup-token.ts";
import { addAuthValidate } from "./commands/models/auth/validate.ts";
import { addModelsStatus } from "./commands/models/status.ts";
import { addSecretsApply } from "./commands/secrets/apply.ts";
import { addSecretsConfigure } from "./commands/secrets/configure.ts";
import { addSecretsAudit } from "./commands/secrets/audit.ts";
import { addSecretsExplain } from "./commands/secrets/explain.ts";
import { addSecretsReload } from "./commands/secrets/reload.ts";
import { addSecretsVerify } from "./commands/secrets/verify.ts";
import { readVersion } from "./version.ts";

/** Hands a parsed command the context it runs in and takes its exit code. */
export type Runner = (command: (context: CliContext) => Promise<ExitCode>) => Promise<void>;

/** Parses the arguments and runs the command they name. */
export async function runProgram(argv: readonly string[], view: ProcessView): Promise<ExitCode> {
  let exitCode: ExitCode = 0;
  const program = new Command("openclaw")
    .description("Sign a program in to AI model providers, and keep it signed in.")
    .option("--dev", "use the state folder of this repository, and the sandbox provider where nothing is configured")
    .version(readVersion(), "-V, --version")
    .exitOverride()
    .configureOutput({ writeOut: (text) => view.io.out(text.trimEnd()), writeErr: (text) => view.io.err(text.trimEnd()) });
  const run: Runner = async (command) => {
    exitCode = await command(createContext(view, program.opts<{ dev?: boolean }>().dev === true));
  };

  const models = program.command("models").description("show and check what models and accounts are ready");
  models.option("--agent <id>", "the agent whose accounts are meant");
  addModelsStatus(models, run);
  const auth = models.command("auth").description("add, list, order and remove accounts");
  addAuthAdd(auth, run);
  addAuthClearCooldown(auth, run);
  addAuthExplain(auth, run);
  addAuthLogin(auth, run);
  addAuthSetupToken(auth, run);
  addAuthImport(auth, run);
  addAuthList(auth, run);
  addAuthOrder(auth, run);
  addAuthPasteToken(auth, run);
  addAuthRemove(auth, run);
  addAuthSimulate(auth, run);
  addAuthValidate(auth, run);
  addAuthWatch(auth, run);
  const gateway = program.command("gateway").description("run one address in front of every model account");
  addGatewayRun(gateway, run);
  addGatewayToken(gateway, run);
  addGatewayInstall(gateway, run);
  addGatewayUninstall(gateway, run);
  addGatewayStart(gateway, run);
  addGatewayStop(gateway, run);
  addGatewayRestart(gateway, run);
  addGatewayStatus(gateway, run);
  addGatewayLogs(gateway, run);
  const secrets = program.command("secrets").description("keep keys out of files: references, and what is still stored");
  addSecretsApply(secrets, run);
  addSecretsConfigure(secrets, run);
  addSecretsVerify(secrets, run);
  addSecretsAudit(secrets, run);
  addSecretsExplain(secrets, run);
  addSecretsReload(secrets, run);

  try {
    await program.parseAsync(argv, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : 1;
  }
  return exitCode;
}
