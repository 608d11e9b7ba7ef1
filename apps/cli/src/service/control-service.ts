import { CliError } from "../exit.ts";
import type { InstalledService } from "./installed-service.ts";
import { lastLogLines } from "./last-log-lines.ts";

/** What a service can be told. */
export type ServiceVerb = "start" | "stop" | "restart";

/**
 * Tells the service's manager to start, stop or restart it, and waits until that is done.
 *
 * @throws {CliError} where it is not installed, cannot be spoken to, or did not do it, with what the gateway said last.
 */
export async function controlService(service: InstalledService, verb: ServiceVerb): Promise<void> {
  await requireManaged(service);
  const answer = await service.manager[verb]();
  if (answer.ok) return;
  const lines = verb === "stop" ? [] : await lastLogLines(service.manager);
  throw new CliError(
    [`The gateway did not ${verb}: ${answer.reason}`, ...lines.map((line) => `    ${line}`)].join("\n"),
    "more: openclaw gateway status, openclaw gateway logs",
  );
}

/** @throws {CliError} where the service is not installed, or its manager cannot be spoken to. */
async function requireManaged(service: InstalledService): Promise<void> {
  if (service.text === undefined) {
    throw new CliError("The gateway is not installed as a service", "openclaw gateway install, or openclaw gateway run in this terminal");
  }
  await requireManager(service);
}

/** @throws {CliError} where the manager of services cannot be spoken to. */
export async function requireManager({ manager }: Pick<InstalledService, "manager">): Promise<void> {
  const problem = await manager.problem();
  if (problem) throw new CliError(problem.message, `${problem.advice} ${problem.commands.join(" && ")}`);
}
