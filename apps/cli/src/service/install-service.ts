import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { writePrivateFile } from "@openclaw/secrets";
import { CliError } from "../exit.ts";
import type { InstalledService } from "./installed-service.ts";
import { isPassingPath, isVersionedNode } from "./node-path.ts";
import type { ManagerProblem } from "./service-manager.ts";

/** What `gateway install` did. */
export interface InstallOutcome {
  readonly file: "created" | "updated" | "unchanged";
  /** Whether it starts at boot or login. */
  readonly isEnabled: boolean;
  /** `ready`: it serves. `not-asked`: it was not to be started. `failed`: see `reason`. */
  readonly start: "ready" | "already-running" | "restarted" | "not-asked" | "failed";
  readonly reason?: string;
  /** Why nothing can be started here. */
  readonly problem?: ManagerProblem;
}

/** How to install. */
export interface InstallOptions {
  /** Overwrite what somebody changed or what serves another home, and run from a place that does not last. */
  readonly force: boolean;
  /** Whether to start it now and at every boot or login. */
  readonly start: boolean;
}

/**
 * Writes the file of the service and lets its manager start it. Where nothing has changed nothing is done.
 *
 * @throws {CliError} where a change of somebody would be lost, or the program lies where it will not stay.
 * @throws {SecretsError} where the file cannot be written safely.
 */
export async function installService(service: InstalledService, { force, start }: InstallOptions): Promise<InstallOutcome> {
  const { manager, fileState, wantedText } = service;
  if (!force) refuseLosses(service);
  requirePlainPaths(service);
  if (fileState !== "current") await writePrivateFile(manager.filePath, wantedText, { followLink: true });
  if (manager.kind === "launchd") await mkdir(dirname(service.logPath), { recursive: true, mode: 0o700 });
  const file = fileState === "absent" ? "created" : fileState === "current" ? "unchanged" : "updated";
  if (!start) return { file, isEnabled: false, start: "not-asked" };

  const problem = await manager.problem();
  if (problem) return { file, isEnabled: false, start: "failed", reason: problem.message, problem };
  const enabled = await manager.enable();
  if (!enabled.ok) return { file, isEnabled: false, start: "failed", reason: enabled.reason };
  const before = await manager.state();
  if (before.isRunning && file === "unchanged" && before.isStale !== true) return { file, isEnabled: true, start: "already-running" };
  const started = await (before.isRunning ? manager.restart() : manager.start());
  if (!started.ok) return { file, isEnabled: true, start: "failed", reason: started.reason };
  return { file, isEnabled: true, start: before.isRunning ? "restarted" : "ready" };
}

function refuseLosses({ manager, paths, fileState, stateDir, wanted, host }: InstalledService): void {
  const shown = paths.display(manager.filePath);
  if (fileState === "edited") {
    const dropIn = manager.kind === "systemd" ? "; changes of your own last in a drop-in: systemctl --user edit openclaw-gateway" : "";
    throw new CliError(
      `${shown} was changed by hand, or not written by this command, and is left as it is`,
      `see what would be written with --print, overwrite it with --force${dropIn}`,
    );
  }
  if (stateDir !== undefined && stateDir !== wanted.stateDir) {
    throw new CliError(
      `The installed service uses ${stateDir}, and this shell means ${wanted.stateDir}: it would lose its accounts`,
      `set OPENCLAW_STATE_DIR=${stateDir} to keep its home, or move it with --force`,
    );
  }
  if (host.machineUnit !== undefined) {
    throw new CliError(
      `${host.machineUnit} runs a gateway on this machine already, and two would want the same port`,
      "openclaw gateway install --system --print shows that unit anew; a second gateway all the same: --port and --force",
    );
  }
  if (isPassingPath(host.scriptPath)) {
    throw new CliError(
      "openclaw runs from the cache of npx here, which may be cleared any day, and the service with it",
      "install it first: npm install -g openclaw, then openclaw gateway install",
    );
  }
}

/** A control character has no business in a path, and could end a line of the file. */
function requirePlainPaths({ wanted }: InstalledService): void {
  const texts = [wanted.nodePath, wanted.scriptPath, wanted.settings.tokenFile ?? "", ...Object.values(wanted.environment)];
  const odd = texts.find((text) => /\p{Cc}/u.test(text));
  if (odd !== undefined) throw new CliError(`A path with a control character cannot stand in a service: ${JSON.stringify(odd)}`);
}

/** What is likely to break the service some day. */
export function installNotes({ wanted }: InstalledService): readonly string[] {
  if (!isVersionedNode(wanted.nodePath)) return [];
  return [`${wanted.nodePath} is one version's own: when you remove that version, run openclaw gateway install again.`];
}
