import { startOwn, type OwnProgram } from "./own-program.ts";
import type { ScratchHome } from "./scratch-home.ts";
import { evidenceOf, exitProblem, type Captured } from "./program-evidence.ts";

/** What the stack is exercised with. */
export interface LaneOptions {
  readonly program: OwnProgram;
  readonly scratch: ScratchHome;
  readonly signal: AbortSignal;
}

const TIMEOUT_MS = 15_000;
const NODE_DEBUG = "http,https,net,tls,stream,undici,fetch,child_process,fs";
const TOKEN = "gateway token";

/** A command, and the exit codes that say it did what it was asked. `PLAN` stands for the path of a plan. */
export interface ExercisedCommand {
  readonly line: string;
  readonly codes: readonly number[];
}

/** The commands that read secrets and ask no gateway. */
export const commands: readonly ExercisedCommand[] = [
  { line: "models status", codes: [0] },
  { line: "models status --json", codes: [0] },
  { line: "models status --plain", codes: [0] },
  { line: "models status --check", codes: [0, 1, 2] },
  { line: TOKEN, codes: [0] },
  { line: "secrets audit --deep", codes: [0, 1, 2] },
  { line: "secrets audit --json --check --allow-exec", codes: [0, 1, 2] },
  { line: "secrets apply --from PLAN --dry-run", codes: [0] },
  { line: "secrets apply --from PLAN --dry-run --json --allow-exec", codes: [0] },
  { line: "models status --no-such-flag", codes: [1] },
];

/** The commands that ask a gateway, and show it the token. */
export const gatewayCommands: readonly ExercisedCommand[] = [
  { line: "secrets explain", codes: [0] },
  { line: "secrets explain --json", codes: [0] },
  { line: "secrets explain --allow-exec", codes: [0] },
  { line: "secrets reload", codes: [0] },
  { line: "secrets reload --json", codes: [0] },
];

/** Runs the commands of this installation in the scratch home and keeps what they print. */
export async function exerciseCommands(
  commands: readonly ExercisedCommand[],
  { program, scratch, signal }: LaneOptions,
): Promise<Captured> {
  const captured = await inTwos(commands, async ({ line: command, codes }): Promise<Captured> => {
    const args = command.split(" ").map((word) => (word === "PLAN" ? scratch.planPath : word));
    // Node's own debug output shows what a command answers, which is why nobody should combine the two.
    const isTalkative = !command.includes("--allow-exec") && command !== TOKEN;
    const env = { ...scratch.env, ...(isTalkative && { NODE_DEBUG }) };
    const ended = await startOwn(program, { args, env, cwd: scratch.path, timeoutMs: TIMEOUT_MS, signal }).ended;
    const problem =
      exitProblem(ended, codes) ?? (command === TOKEN ? tokenProblem(ended.stdout, scratch.valueOf("gateway-token")) : undefined);
    return {
      evidence: evidenceOf(command, ended, scratch, command === TOKEN ? ["gateway-token"] : []),
      observations: problem === undefined ? [] : [{ id: command, status: "failed", reason: problem }],
    };
  });
  return { evidence: captured.flatMap(({ evidence }) => evidence), observations: captured.flatMap(({ observations }) => observations) };
}

/** The one command that shows a secret: the one it is asked for, and nothing else. */
function tokenProblem(stdout: Buffer, token: string): string | undefined {
  return stdout.toString("utf8").trim() === token ? undefined : "it printed something else than the token";
}

/** Runs two at a time, and answers in order. */
async function inTwos<T, R>(items: readonly T[], run: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results = new Map<number, R>();
  const waiting = items.entries();
  const lane = async () => {
    for (const [index, item] of waiting) results.set(index, await run(item));
  };
  await Promise.all([lane(), lane()]);
  return [...results].toSorted(([left], [right]) => left - right).map(([, result]) => result);
}
