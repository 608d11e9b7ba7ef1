import process from "node:process";
import { inspect } from "node:util";
import type { SecretProviderConfig } from "../src/provider-config.ts";
import { createSecretResolver } from "../src/resolver.ts";
import type { SecretRef } from "../src/secret-ref.ts";
import { Secret } from "../src/secret.ts";

/** A reference to resolve as somebody without rights. */
export interface Job {
  readonly provider: SecretProviderConfig;
  readonly ref: SecretRef;
  readonly env?: Readonly<Record<string, string>>;
  readonly home?: string;
  /** What the value is expected to be. */
  readonly expected: string;
}

/** What became of it. The value itself is not sent. */
export interface JobResult {
  readonly uid: number;
  readonly isExpected: boolean;
  readonly code?: string;
  readonly message?: string;
  readonly hint?: string | undefined;
  /** Everything an error shows to those who look closely. */
  readonly inspected: string;
}

async function run({ provider, ref, env = {}, home, expected }: Job): Promise<JobResult> {
  const uid = process.geteuid?.() ?? -1;
  const resolver = createSecretResolver({ env, home, providers: { [ref.provider]: provider } });
  const outcome = (await resolver.resolveAll([ref])).values().next().value;
  if (outcome?.status === "resolved") return { uid, isExpected: outcome.secret.equals(Secret.of(expected)), inspected: inspect(outcome) };
  if (outcome?.status !== "failed") throw new Error("nothing was resolved");
  const { code, message, hint } = outcome.error;
  return { uid, isExpected: false, code, message, hint, inspected: inspect(outcome.error, { showHidden: true, depth: 9 }) };
}

function isJob(message: unknown): message is Job {
  return typeof message === "object" && message !== null && "ref" in message;
}

// The code is loaded by now, from a folder this user may not be able to read.
const target = Number(process.argv[2]);
if (process.geteuid?.() === 0) {
  process.setgroups?.([]);
  process.setgid?.(target);
  process.setuid?.(target);
}
process.on("message", (message) => {
  if (isJob(message)) void run(message).then((result) => process.send?.(result));
});
process.send?.("ready");
