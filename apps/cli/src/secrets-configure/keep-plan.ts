import { join, resolve } from "node:path";
import { createPrivateFile, readPrivateFile, writePrivateFile } from "@openclaw/secrets";
import { CliError } from "../exit.ts";
import type { Prompt } from "../prompt.ts";
import type { WrittenPlan } from "./draft.ts";

/** Where a plan is to be written. */
export interface PlanFile {
  readonly path: string;
  /** Whether a person has said that what is there may go. */
  readonly isReplacing: boolean;
}

const MAX_BYTES = 5 * 1024 * 1024;

/**
 * A place for a plan that is free, or that a person says may be replaced.
 *
 * @throws {CliError} when they say no.
 */
export async function claimPlanFile(path: string, prompt: Prompt): Promise<PlanFile> {
  if ((await readPrivateFile(path, { maxBytes: MAX_BYTES })) === undefined) return { path, isReplacing: false };
  if (await prompt.confirm({ message: `${path} is there already. Replace it?`, initial: false })) return { path, isReplacing: true };
  throw new CliError(`${path} is there already, and was left as it is`, "give --plan-out another path");
}

/** Asks for such a place, so that nobody's answers are lost; `undefined` when they may be. */
export async function askPlanFile(prompt: Prompt, home: string): Promise<PlanFile | undefined> {
  const answer = await prompt.text({ message: "Where is the plan to be kept? (empty: nowhere)", example: "~/secrets-plan.json" });
  if (answer === "") return undefined;
  return claimPlanFile(answer.startsWith("~/") ? join(home, answer.slice(2)) : resolve(answer), prompt);
}

/** Writes a plan for its owner alone. It holds no secret, but it says where they are. */
export async function writePlanFile({ path, isReplacing }: PlanFile, plan: WrittenPlan): Promise<void> {
  await (isReplacing ? writePrivateFile : createPrivateFile)(path, `${JSON.stringify(plan, null, 2)}\n`);
}

/** Whether carrying out a plan may run a command. */
export function needsCommand({ targets, providerUpserts = {} }: WrittenPlan): boolean {
  return [...targets.map(({ ref }) => ref), ...Object.values(providerUpserts)].some(
    (value) => typeof value === "object" && value !== null && "source" in value && value.source === "exec",
  );
}
