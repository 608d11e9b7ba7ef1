import { z } from "zod";
import { readPrivateFile, writePrivateFile } from "./private-file.ts";

/** What is known of a secret provider that failed at the end of a start. */
export interface ProviderBackoff {
  /** Starts in a row. */
  readonly failures: number;
  /** It is not run before, epoch milliseconds. */
  readonly until: number;
}

/** By provider alias. */
export type BackoffStamp = ReadonlyMap<string, ProviderBackoff>;

const LARGEST_STAMP_BYTES = 256 * 1024;

const stampSchema = z.object({
  version: z.literal(1),
  providers: z.record(z.string(), z.object({ failures: z.int().min(1), until: z.number() })),
});

/**
 * Reads which providers failed at the last starts. A file that is torn, or is none, says nothing.
 *
 * @throws {SecretsError} as {@link readPrivateFile}, when it is not ours or cannot be read.
 */
export async function readBackoffStamp(path: string): Promise<BackoffStamp> {
  const content = await readPrivateFile(path, { maxBytes: LARGEST_STAMP_BYTES, mustBeOwned: true });
  const parsed = stampSchema.safeParse(parse(content?.toString("utf8")));
  return new Map(parsed.success ? Object.entries(parsed.data.providers) : []);
}

/** @throws {SecretsError} as {@link writePrivateFile}. */
export async function writeBackoffStamp(path: string, stamp: BackoffStamp): Promise<void> {
  await writePrivateFile(path, `${JSON.stringify({ version: 1, providers: Object.fromEntries(stamp) })}\n`);
}

function parse(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined; // Torn: as good as none.
  }
}
