import { resolve } from "node:path";
import { readPrivateFile, Secret, SecretsError, type Env } from "@openclaw/secrets";
import { CliError } from "../exit.ts";
import type { NotifyWebhookOptions } from "./notify-webhook.ts";

/** Where the address of a webhook stands. */
export interface WebhookFlags {
  readonly webhook?: string;
  readonly webhookFromEnv?: string;
  readonly webhookFile?: string;
}

const MAX_BYTES = 16 * 1024;

/**
 * The address of the webhook, where there is one.
 *
 * @throws {CliError} that says where it is missing and never what stands there.
 */
export async function readWebhookAddress(
  { webhook, webhookFromEnv, webhookFile }: WebhookFlags,
  env: Env,
): Promise<NotifyWebhookOptions | undefined> {
  const given = [webhook, webhookFromEnv, webhookFile].filter((flag) => flag !== undefined);
  if (given.length > 1) throw new CliError("Choose one of --webhook, --webhook-from-env and --webhook-file.");
  if (webhook !== undefined) return { url: Secret.of(webhook.trim()), source: "--webhook" };
  if (webhookFromEnv !== undefined) {
    const value = env[webhookFromEnv]?.trim() ?? "";
    if (value !== "") return { url: Secret.of(value), source: `the variable ${webhookFromEnv}` };
    throw new CliError(`Environment variable "${webhookFromEnv}" is missing or empty.`, "--webhook-from-env takes the name of a variable");
  }
  return webhookFile === undefined ? undefined : { url: await fromFile(resolve(webhookFile)), source: "--webhook-file" };
}

async function fromFile(path: string): Promise<Secret> {
  try {
    const bytes = await readPrivateFile(path, { maxBytes: MAX_BYTES, followLink: true });
    if (bytes !== undefined) return Secret.of(bytes.toString("utf8").trim());
  } catch (error) {
    if (!(error instanceof SecretsError)) throw error;
    throw new CliError(error.message, error.hint);
  }
  throw new CliError(`There is no file ${path}`);
}
