import { fork } from "node:child_process";
import { once } from "node:events";
import { extname } from "node:path";
import { geteuid } from "node:process";

/** What the call gave, or the own properties, name and message of what it threw. */
export interface AnswerOfNobody {
  readonly value?: unknown;
  readonly error?: Readonly<Record<string, unknown>>;
}

/** The user without rights: permission tests must not run as root, to whom everything is permitted. */
export const NOBODY_UID = 65_534;

/**
 * Calls an exported function of a module in a process that gave up all rights after loading it. Arguments and
 * answer go through JSON. Where the tests do not run as root, it runs as whoever they run as.
 */
export async function callAsNobody(module: URL, name: string, args: readonly unknown[]): Promise<AnswerOfNobody> {
  const uid = geteuid?.() === 0 ? NOBODY_UID : (geteuid?.() ?? 0);
  const child = fork(new URL(`as-nobody-child${extname(import.meta.url)}`, import.meta.url), [], {
    execArgv: ["--conditions=@openclaw/source"],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const exited = once(child, "exit");
  const answer = Promise.withResolvers<AnswerOfNobody>();
  child.once("message", (message: AnswerOfNobody) => answer.resolve(message));
  child.once("exit", (code) => answer.reject(new Error(`the process without rights ended with ${code} and no answer`)));
  child.send({ module: module.href, name, args, uid });
  const result = await answer.promise;
  await exited;
  return result;
}
