import { SecretsError, writePrivateFile } from "@openclaw/secrets";
import { stat, unlink } from "node:fs/promises";
import { storeUnwritable } from "./update-store-file.ts";

/** What new tokens may add to a store: two of the largest that are taken. */
const ROOM_BYTES = 128 * 1024;

/**
 * Tries whether a store could be replaced now: makes a file beside it that is as large as the store could
 * become, has it written to the disk, and removes it. It holds zeros.
 *
 * @throws {AuthProfileError} `store-unwritable`, naming the step and the path.
 */
export async function probeStoreFile(realPath: string): Promise<void> {
  const probePath = `${realPath}.probe`;
  try {
    const size = await stat(realPath).then(
      (stats) => stats.size,
      () => 0,
    );
    await writePrivateFile(probePath, Buffer.alloc(size + ROOM_BYTES));
  } catch (error) {
    throw error instanceof SecretsError ? storeUnwritable(realPath, error) : error;
  } finally {
    // Gone where another process probed the same store at the same time; one that stays is replaced by the next.
    await unlink(probePath).catch(() => undefined);
  }
}
