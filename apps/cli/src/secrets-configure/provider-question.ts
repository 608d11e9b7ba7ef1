import { secretProviderSchema, type SecretProviderConfig, type SecretSource } from "@openclaw/secrets";
import type { Prompt } from "../prompt.ts";

/** Asks for one entry of `secrets.providers`; what is there already stands as the answer. */
export async function askProvider(prompt: Prompt, source: SecretSource, before?: SecretProviderConfig): Promise<SecretProviderConfig> {
  if (source === "env") return askEnv(prompt, before?.source === "env" ? before.allowlist : undefined);
  if (source === "file") return askFile(prompt, before?.source === "file" ? before : undefined);
  return askExec(prompt, before?.source === "exec" ? before : undefined);
}

/** What is wrong with an entry, by the rules of `openclaw.json`; the part that is asked for alone. */
function problemIn(field: string, entry: object): string | undefined {
  const parsed = secretProviderSchema.safeParse(entry);
  const issue = parsed.success ? undefined : parsed.error.issues.find(({ path }) => path[0] === field);
  return issue && `${issue.path.map(String).join(".")}: ${issue.message}`;
}

async function askEnv(prompt: Prompt, before: readonly string[] | undefined): Promise<SecretProviderConfig> {
  const names = await prompt.text({
    message: "Variables that may be read (empty: every one)",
    initial: before?.join(" "),
    example: "OPENAI_API_KEY ANTHROPIC_API_KEY",
    check: (text) => problemIn("allowlist", { source: "env", allowlist: wordsOf(text) }),
  });
  const allowlist = wordsOf(names);
  return secretProviderSchema.parse({ source: "env", ...(allowlist.length > 0 && { allowlist }) });
}

async function askFile(prompt: Prompt, before: (SecretProviderConfig & { source: "file" }) | undefined): Promise<SecretProviderConfig> {
  const path = await prompt.text({
    message: "Path of the file",
    initial: before?.path,
    example: "~/.openclaw/secrets.json",
    check: (text) => problemIn("path", { source: "file", path: text }),
  });
  const mode = await prompt.select({
    message: "What does it hold?",
    choices: firstTheOneThatIs(before?.mode ?? "json", [
      { value: "json" as const, label: "JSON with several secrets", hint: "ids are paths such as /openai/apiKey" },
      { value: "singleValue" as const, label: "one secret and nothing else" },
    ]),
  });
  return secretProviderSchema.parse({ ...before, source: "file", path, mode });
}

async function askExec(prompt: Prompt, before: (SecretProviderConfig & { source: "exec" }) | undefined): Promise<SecretProviderConfig> {
  const command = await prompt.text({
    message: "Path of the command",
    initial: before?.command,
    example: "/usr/local/bin/vault-resolver",
    check: (text) => problemIn("command", { source: "exec", command: text }),
  });
  // What is typed here is written to openclaw.json and shown in process lists.
  const args = await prompt.text({
    message: "Arguments, none of them a secret (with spaces between them, or a JSON list)",
    initial: before?.args && shownArguments(before.args),
    check: (text) => {
      const list = argumentsOf(text);
      return list === undefined ? "not a JSON list of texts" : problemIn("args", { source: "exec", command: "/", args: list });
    },
  });
  const passEnv = await prompt.text({
    message: "Variables it is given (empty: none)",
    initial: before?.passEnv?.join(" "),
    example: "HOME PATH",
    check: (text) => problemIn("passEnv", { source: "exec", command: "/", passEnv: wordsOf(text) }),
  });
  const isJson = await prompt.confirm({
    message: "Does it answer in JSON? (no: its plain output is the secret)",
    initial: before?.jsonOnly ?? true,
  });
  const isLink = await prompt.confirm({
    message: "May the command be a link, as package managers make them?",
    initial: before?.allowSymlinkCommand ?? false,
  });
  const folders = isLink ? await askTrustedDirs(prompt, before?.trustedDirs) : before?.trustedDirs;
  const { args: _args, passEnv: _passEnv, jsonOnly: _jsonOnly, allowSymlinkCommand: _link, trustedDirs: _dirs, ...rest } = before ?? {};
  return secretProviderSchema.parse({
    ...rest,
    source: "exec",
    command,
    ...listed("args", argumentsOf(args) ?? []),
    ...listed("passEnv", wordsOf(passEnv)),
    ...(!isJson && { jsonOnly: false }),
    ...(isLink && { allowSymlinkCommand: true }),
    ...listed("trustedDirs", folders ?? []),
  });
}

async function askTrustedDirs(prompt: Prompt, before: readonly string[] | undefined): Promise<readonly string[]> {
  const folders = await prompt.text({
    message: "Folders it may lead to (empty: any)",
    initial: before?.join(" "),
    example: "/opt/homebrew",
    check: (text) => problemIn("trustedDirs", { source: "exec", command: "/", trustedDirs: wordsOf(text) }),
  });
  return wordsOf(folders);
}

function listed(name: string, values: readonly string[]): object {
  return values.length > 0 ? { [name]: values } : {};
}

function wordsOf(text: string): readonly string[] {
  return text.split(/[\s,]+/u).filter((word) => word !== "");
}

function argumentsOf(text: string): readonly string[] | undefined {
  if (!text.startsWith("[")) return text.split(/\s+/u).filter((word) => word !== "");
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) && list.every((item) => typeof item === "string") ? list : undefined;
  } catch {
    return undefined;
  }
}

function shownArguments(args: readonly string[]): string {
  return args.some((word) => /[\s"]|^\[|^$/u.test(word)) ? JSON.stringify(args) : args.join(" ");
}

function firstTheOneThatIs<T, C extends { readonly value: T }>(value: T, choices: readonly C[]): readonly C[] {
  return choices.toSorted((left, right) => Number(right.value === value) - Number(left.value === value));
}
