import { readWatchStates, type WatchStates } from "@openclaw/auth-profiles";
import { readPrivateFile, SecretsError, writePrivateFile } from "@openclaw/secrets";
import { z } from "zod";

/** What was told already, in a file of its own: ids and states, by the folder of the agent they belong to. */
export interface WatchStateFile {
  /** Nothing where there is no file, and where it holds something else: what is not ok is told again then. */
  read(agentDir: string): Promise<WatchStates>;
  /** Leaves what is known of other agents as it is. Writes nothing where nothing changed. */
  write(agentDir: string, states: WatchStates): Promise<void>;
}

const MAX_BYTES = 4 * 1024 * 1024;

const fileSchema = z.object({ version: z.literal(1), agents: z.record(z.string(), z.unknown()) });

/**
 * Keeps what was told from one look to the next, in a private file that is replaced whole. What could not be written it
 * knows for as long as it is held: a full disk is no reason to tell everything anew at each look.
 *
 * @throws {SecretsError} from both where the file is a link or no file at all, or the disk does not do what it is told.
 */
export function createWatchStateFile(path: string, warn: (text: string) => void): WatchStateFile {
  const unwritten = new Map<string, WatchStates>();

  async function readAgents(): Promise<Readonly<Record<string, unknown>>> {
    const bytes = await readPrivateFile(path, { maxBytes: MAX_BYTES });
    if (bytes === undefined) return {};
    const read = fileSchema.safeParse(parsed(bytes.toString("utf8")));
    if (read.success) return read.data.agents;
    warn(`${path} cannot be understood; what is not ok is told again.`);
    return {};
  }

  return {
    read: async (agentDir) => unwritten.get(agentDir) ?? readWatchStates((await readAgents())[agentDir]),
    async write(agentDir, states) {
      unwritten.set(agentDir, states);
      const before = await readPrivateFile(path, { maxBytes: MAX_BYTES });
      const agents = fileSchema.safeParse(parsed(before?.toString("utf8") ?? "")).data?.agents ?? {};
      const after = `${JSON.stringify({ version: 1, agents: { ...agents, [agentDir]: states } }, null, 2)}\n`;
      if (before?.toString("utf8") !== after) await writePrivateFile(path, after);
      unwritten.delete(agentDir);
    },
  };
}

function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Whether somebody else has been at it for too long. */
export function isHeldByAnother(error: unknown): error is SecretsError {
  return error instanceof SecretsError && error.code === "lock-timeout";
}
