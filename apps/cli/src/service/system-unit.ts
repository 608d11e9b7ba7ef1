import { CliError } from "../exit.ts";
import type { InstalledService } from "./installed-service.ts";
import { systemdTraits } from "./systemd-manager.ts";
import { renderSystemUnit } from "./systemd-unit.ts";

/**
 * The unit that runs this home's gateway under the machine's own systemd.
 *
 * @throws {CliError} where there is none.
 */
export async function systemUnit({ host, manager, wanted }: InstalledService): Promise<string> {
  if (manager.kind !== "systemd") throw new CliError("--system is for systemd, which this machine does not have");
  // Quotes are not taken away there: a name that systemd takes as it is, else the number.
  const user = /^[a-z_][a-z0-9_-]{0,30}$/iu.test(host.userName) ? host.userName : String(host.uid);
  return renderSystemUnit(wanted, await systemdTraits(host.programs), user);
}
