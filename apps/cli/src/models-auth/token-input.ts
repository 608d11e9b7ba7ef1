import { addAbortSignal, type Readable } from "node:stream";
import { resolve } from "node:path";
import { readPrivateFile, SecretsError, type Env } from "@openclaw/secrets";
import { CliError } from "../exit.ts";
import type { Prompt } from "../prompt.ts";
import { readPastedToken, type PastedToken } from "./pasted-token.ts";

/** Where a token is taken from; a prompt or stdin unless given. */
export interface TokenFlags {
  readonly fromFile?: string;
  readonly fromEnv?: string;
  readonly token?: string;
}

/** What tokens come from. */
export interface TokenSources {
  readonly env: Env;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  /** A person at a terminal, if there is one. */
  readonly ask: (signal: AbortSignal) => Promise<Prompt> | undefined;
  readonly signal: AbortSignal;
  /** What it must be; a token unless given. */
  readonly read?: (text: string) => PastedToken;
}

/** A token that passed what can be checked here. */
export type CheckedToken = Extract<PastedToken, { readonly secret: unknown }>;

const MAX_BYTES = 64 * 1024;

/**
 * The token a person gives, from wherever they give it.
 *
 * @throws {CliError} that says what is wrong with it and never what it is.
 */
export async function readToken(
  flags: TokenFlags,
  question: string,
  { read = readPastedToken, ...sources }: TokenSources,
): Promise<CheckedToken> {
  const given = [flags.fromFile, flags.fromEnv, flags.token].filter((flag) => flag !== undefined);
  if (given.length > 1) throw new CliError("Choose one of --from-file, --from-env and --token.");
  if (flags.fromFile !== undefined) return checked(await fromFile(resolve(flags.fromFile)), read);
  if (flags.fromEnv !== undefined) return checked(fromEnv(flags.fromEnv, sources.env), read);
  if (flags.token !== undefined) return checked(flags.token, read);
  const asking = sources.ask(sources.signal);
  if (asking !== undefined) return askToken(await asking, question, read);
  if (sources.stdin.isTTY) {
    throw new CliError("There is no terminal to ask on: what is typed would be seen", "pipe the token into stdin, or use --from-file");
  }
  return checked(await fromStdin(sources.stdin, sources.signal), read);
}

/** Asks until what is pasted is one. */
export function askToken(prompt: Prompt, message: string, read: (text: string) => PastedToken): Promise<CheckedToken> {
  return prompt.secret({
    message,
    read: (pasted) => {
      const token = read(pasted);
      if ("secret" in token) return { value: token };
      return token.hint === undefined ? token.problem : `${token.problem} (${token.hint})`;
    },
  });
}

function checked(text: string, read: (text: string) => PastedToken): CheckedToken {
  const token = read(text);
  if ("secret" in token) return token;
  throw new CliError(token.problem, token.hint);
}

async function fromFile(path: string): Promise<string> {
  try {
    const bytes = await readPrivateFile(path, { maxBytes: MAX_BYTES, followLink: true });
    if (bytes !== undefined) return bytes.toString("utf8");
  } catch (error) {
    if (!(error instanceof SecretsError)) throw error;
    throw new CliError(error.message, "--from-file reads a small file; pipe anything else into stdin");
  }
  throw new CliError(`There is no file ${path}`);
}

function fromEnv(name: string, env: Env): string {
  const value = env[name];
  if (value !== undefined && value.trim() !== "") return value;
  throw new CliError(`Environment variable "${name}" is missing or empty.`, "--from-env takes the name of a variable, not a token");
}

async function fromStdin(stdin: Readable, signal: AbortSignal): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of addAbortSignal(signal, stdin)) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > MAX_BYTES) throw new CliError("stdin holds more than 64 KiB, which no token has");
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString("utf8");
}
