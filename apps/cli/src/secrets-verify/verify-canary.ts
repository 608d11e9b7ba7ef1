import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { startCanaryProvider } from "./canary-provider.ts";
import { commands, exerciseCommands } from "./command-lane.ts";
import { judge, type Evidence, type Observation, type VerifyCheck } from "./evidence.ts";
import { freePort } from "./free-port.ts";
import { exerciseGateway } from "./gateway-lane.ts";
import type { OwnProgram } from "./own-program.ts";
import type { Captured } from "./program-evidence.ts";
import { createScratchHome, type ScratchHome } from "./scratch-home.ts";

/** What the self-test is run with. */
export interface VerifyOptions {
  readonly program: OwnProgram;
  readonly platform: NodeJS.Platform;
  readonly uid: number | undefined;
  readonly now: () => number;
  readonly fetch: typeof fetch;
  readonly signal: AbortSignal;
}

/** What the self-test found. Holds no canary. */
export interface VerifyReport {
  readonly version: 1;
  /** `failed`: nothing leaked, but not everything could be exercised. */
  readonly status: "clean" | "leak" | "failed";
  readonly checks: readonly VerifyCheck[];
  /** How many fake secrets were planted. */
  readonly canaries: number;
  readonly bytesSearched: number;
  readonly durationMs: number;
}

/**
 * Plants fake secrets in a home of its own, runs this installation there, and looks for them in everything
 * that comes out. Touches nothing of the person's, opens no connection but to this machine, and leaves nothing behind.
 */
export async function verifyCanary({ program, platform, uid, now, fetch, signal }: VerifyOptions): Promise<VerifyReport> {
  const startedAt = now();
  const provider = await startCanaryProvider();
  let scratch: ScratchHome | undefined;
  const ending = new AbortController();
  try {
    scratch = await createScratchHome({ url: provider.url, port: await freePort(), nodePath: program.nodePath, uid, now: startedAt });
    provider.expect(scratch.canaries);
    const lane = { program, scratch, signal: AbortSignal.any([signal, ending.signal]) };
    const [plain, gateway] = await allOrEnd(ending, [exerciseCommands(commands, lane), exerciseGateway(lane, provider, fetch)]);
    const evidence = [...plain.evidence, ...gateway.evidence, ...(await execEvidence(scratch)), ...(await fileEvidence(scratch))];
    const observations = [...plain.observations, ...gateway.observations, ...(await limits(scratch, platform))];
    signal.throwIfAborted();
    const checks = judge(scratch.canaries, evidence, observations);
    return {
      version: 1,
      status: statusOf(checks),
      checks,
      canaries: scratch.canaries.length,
      bytesSearched: checks.reduce((sum, check) => sum + check.bytesSearched, 0),
      durationMs: now() - startedAt,
    };
  } finally {
    await provider.close();
    await scratch?.remove();
  }
}

/** When one fails the others are ended, and have ended before anything is cleared away. */
async function allOrEnd(
  ending: AbortController,
  [first, second]: readonly [Promise<Captured>, Promise<Captured>],
): Promise<readonly [Captured, Captured]> {
  try {
    return await Promise.all([first, second]);
  } catch (error) {
    ending.abort();
    await Promise.allSettled([first, second]);
    throw error;
  }
}

function statusOf(checks: readonly VerifyCheck[]): VerifyReport["status"] {
  if (checks.some(({ status }) => status === "leak")) return "leak";
  return checks.some(({ status }) => status === "failed") ? "failed" : "clean";
}

/** What the command that hands out secrets was started with, as it noted it itself: it may end before anybody looks. */
async function execEvidence({ execLog, execProblem }: ScratchHome): Promise<readonly Evidence[]> {
  if (execProblem !== undefined) return [];
  const bytes = await readFile(execLog).catch(() => Buffer.alloc(0));
  return [{ check: "command of a secret provider", place: "its arguments and environment", bytes, allowed: [] }];
}

/** Every file of the scratch home; where a canary was planted, that one is no finding. */
async function fileEvidence({ path, planted, execLog }: ScratchHome): Promise<readonly Evidence[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(
    files
      .filter((file) => file !== execLog)
      .map(async (file) => {
        const bytes = Buffer.concat([Buffer.from(`${file}\n`), await readFile(file)]);
        return { check: "files", place: file.slice(path.length + 1), bytes, allowed: planted.get(file) ?? [] };
      }),
  );
}

/** What could not be looked at here. */
async function limits({ execLog, execProblem }: ScratchHome, platform: NodeJS.Platform): Promise<readonly Observation[]> {
  const noProcesses = { status: "skipped", reason: "only Linux shows the arguments and environment of a process as a file" } as const;
  const command = "command of a secret provider";
  const wasRun = execProblem !== undefined || (await readFile(execLog).catch(() => undefined)) !== undefined;
  return [
    ...(platform === "linux"
      ? []
      : [
          { id: "process arguments", ...noProcesses },
          { id: "process environments", ...noProcesses },
        ]),
    ...(execProblem === undefined ? [] : [{ id: command, status: "skipped", reason: execProblem } as const]),
    ...(wasRun ? [] : [{ id: command, status: "failed", reason: "it was not run" } as const]),
  ];
}
