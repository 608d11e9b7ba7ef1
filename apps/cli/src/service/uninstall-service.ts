import { unlink } from "node:fs/promises";
import { CliError } from "../exit.ts";
import type { InstalledService } from "./installed-service.ts";

/** How to remove. */
export interface UninstallOptions {
  /** Remove a file that somebody changed. */
  readonly force: boolean;
}

/**
 * Stops the service and removes its file. False where there was none.
 *
 * @throws {CliError} where the file was changed by hand, or the service cannot be stopped: it would run on without a file.
 */
export async function uninstallService(
  { manager, paths, text, fileState }: InstalledService,
  { force }: UninstallOptions,
): Promise<boolean> {
  if (text === undefined) return false;
  const shown = paths.display(manager.filePath);
  if (fileState === "edited" && !force) {
    throw new CliError(`${shown} was changed by hand, or not written by openclaw gateway install`, "remove it all the same with --force");
  }
  // Where no manager runs nothing can run under it.
  const isManaged = (await manager.problem()) === undefined;
  if (isManaged) {
    const stopped = await manager.stop();
    if (!stopped.ok) throw new CliError(`The gateway could not be stopped: ${stopped.reason}`, "openclaw gateway status");
    await manager.disable();
  }
  await unlink(manager.filePath);
  if (isManaged) await manager.forget();
  return true;
}
