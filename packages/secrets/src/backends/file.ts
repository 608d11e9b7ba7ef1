import { join } from "node:path";
import type { Clock } from "../clock.ts";
import { SecretsError } from "../errors.ts";
import { parseJsonText, type JsonValue } from "../json-text.ts";
import { createLimiter } from "../limiter.ts";
import type { FileProviderConfig } from "../provider-config.ts";
import { formatSecretRef } from "../secret-ref.ts";
import { readSecretValue } from "../secret-value.ts";
import { withinTime } from "../within-time.ts";
import { answerOf, errorFor } from "./answer.ts";
import type { SecretBackend } from "./backend.ts";
import type { Env } from "./env.ts";
import { textAt } from "./json-pointer.ts";
import { readTrustedFile } from "./trusted-file.ts";

/** What a provider of secrets in a file needs. */
export interface FileBackendOptions {
  readonly alias: string;
  readonly config: FileProviderConfig;
  /** Its `CREDENTIALS_DIRECTORY` is where systemd keeps the credentials of a service. */
  readonly env: Env;
  /** What `~` stands for. */
  readonly home: string | undefined;
  readonly uid: number | undefined;
  readonly clock: Clock;
}

const DEFAULT_TIMEOUT_MS = 5_000;
const DEFAULT_MAX_BYTES = 1024 * 1024;

/**
 * Files read at once in this process. A file system that hangs holds one of the few threads that Node has
 * for files, name lookups and compression until it answers: two may be held, the rest stays free.
 */
const poolPlaces = createLimiter(2);

/** Reads under way in this process, by what is read and how: a file that hangs is opened once, by whatever resolver it is asked for. */
const readings = new Map<string, Promise<Buffer>>();

/** Secrets from one file: a JSON object, or a single value. */
export function createFileBackend(options: FileBackendOptions): SecretBackend {
  const { config } = options;
  const timeoutMs = config.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  return {
    async resolve(ids, signal) {
      signal?.throwIfAborted();
      const name = (id: string) => formatSecretRef({ source: "file", provider: options.alias, id });
      try {
        const text = decode(
          await withinTime(readConfigured(options), { clock: options.clock, timeoutMs, what: `reading ${config.path}`, signal }),
        );
        const lookUp = config.mode === "singleValue" ? singleValue(text) : memberOfJson(text);
        return new Map(
          ids.map((id) => [id, answerOf(() => ({ status: "resolved", secret: readSecretValue(lookUp(id, name(id)), name(id)) }))]),
        );
      } catch (error) {
        if (!(error instanceof SecretsError)) throw error;
        return new Map(ids.map((id) => [id, { status: "failed", error: errorFor(name(id), error) }]));
      }
    },
  };
}

/** One read serves all who wait for it. */
function readConfigured({ config, env, home, uid }: FileBackendOptions): Promise<Buffer> {
  const path = absolutePath(config.path, home);
  const rules = {
    uid,
    maxBytes: config.maxBytes ?? DEFAULT_MAX_BYTES,
    allowInsecurePath: config.allowInsecurePath ?? false,
    credentialsFolder: env["CREDENTIALS_DIRECTORY"],
  };
  const name = JSON.stringify([path, rules]);
  const reading = readings.get(name) ?? poolPlaces(() => readTrustedFile(path, rules)).finally(() => readings.delete(name));
  readings.set(name, reading);
  return reading;
}

function absolutePath(path: string, home: string | undefined): string {
  if (path.startsWith("/")) return path;
  if (path.startsWith("~/") && home !== undefined) return join(home, path.slice(2));
  throw new SecretsError("file-refused", `${path} is not an absolute path`, { hint: "write the whole path, or begin it with ~/" });
}

function decode(content: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(content);
  } catch {
    throw new SecretsError("file-unreadable", "the file is not UTF-8 text");
  }
}

type LookUp = (id: string, name: string) => string;

function singleValue(text: string): LookUp {
  return (id, name) => {
    if (id === "value") return text;
    throw new SecretsError("invalid-reference", `${name}: the id must be \`value\`, because the file holds a single value`);
  };
}

function memberOfJson(text: string): LookUp {
  const document = parseDocument(text);
  return (id, name) => {
    if (id.startsWith("/")) return textAt(document, id, name);
    throw new SecretsError("invalid-reference", `${name}: the id must be a JSON pointer, because the file holds JSON`);
  };
}

function parseDocument(text: string): JsonValue {
  const parsed = parseJsonText(text);
  if ("problem" in parsed) throw new SecretsError("file-unreadable", `the file is not valid JSON: ${parsed.problem}`);
  if (parsed.value instanceof Map) return parsed.value;
  throw new SecretsError("file-unreadable", "the file does not hold a JSON object");
}
