import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { checkCommand, SecretsError } from "@openclaw/secrets";
import { createCanary, type Canary } from "./canary.ts";

/** A provider of the scratch home, and the canaries its requests carry. */
export interface PlantedProvider {
  readonly id: string;
  readonly dialect: "openai-completions" | "anthropic-messages";
  /** Of the keys that are to arrive, in order. */
  readonly labels: readonly string[];
}

/** A home in a private temporary folder with a canary in every place that a secret may come from. */
export interface ScratchHome {
  readonly path: string;
  /** The environment of the programs that are run in it. Nothing of ours is passed on. */
  readonly env: Readonly<Record<string, string>>;
  readonly envLabels: readonly string[];
  readonly canaries: readonly Canary[];
  readonly providers: readonly PlantedProvider[];
  /** Which canaries were put in which file. */
  readonly planted: ReadonlyMap<string, readonly string[]>;
  /** Where the command that hands out secrets notes what it was started with. */
  readonly execLog: string;
  /** Why no such command can be run here. */
  readonly execProblem: string | undefined;
  readonly planPath: string;
  valueOf(label: string): string;
  /** Deletes all of it. */
  remove(): Promise<void>;
}

/** What a scratch home is made for. */
export interface ScratchHomeOptions {
  /** Address of the fake provider. */
  readonly url: string;
  /** Where the gateway is to listen, so that commands that ask one ask this and no other. */
  readonly port: number;
  /** The Node to run. */
  readonly nodePath: string;
  readonly uid: number | undefined;
  readonly now: number;
}

const LABELS = [
  "env-1",
  "env-2",
  "dotenv",
  "config-env",
  "config-plaintext",
  "store-api-key",
  "store-token",
  "store-access",
  "store-refresh",
  "file-json",
  "file-single",
  "exec",
  "gateway-token",
  "client-token",
];
const HOUR_MS = 3_600_000;

// Notes what anyone could see of it, then answers as secret providers do.
const RESOLVER = `import { appendFileSync, readFileSync } from "node:fs";
const [log, values] = process.argv.slice(2);
appendFileSync(log, JSON.stringify({ argv: process.argv, env: process.env }) + "\\n", { mode: 0o600 });
process.stdin.resume().on("end", () => process.stdout.write(readFileSync(values)));
`;

/** Makes a scratch home. Call `remove` when done. */
export async function createScratchHome({ url, port, nodePath, uid, now }: ScratchHomeOptions): Promise<ScratchHome> {
  const path = await realpath(await mkdtemp(join(tmpdir(), "openclaw-verify-")));
  const canaries = LABELS.map(createCanary);
  const valueOf = (label: string) => canaries.find((canary) => canary.label === label)?.value ?? "";
  const planted = new Map<string, readonly string[]>();
  const write = async (file: string, content: string | object, labels: readonly string[] = []) => {
    const target = join(path, file);
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    await writeFile(target, typeof content === "string" ? content : JSON.stringify(content, null, 2), { mode: 0o600 });
    planted.set(target, labels);
  };
  const command = await realpath(nodePath);
  const execProblem = await whyNotRun(command, uid);
  const execLog = join(path, "exec-seen.jsonl");
  const reference = (source: string, provider: string, id: string) => ({ source, provider, id });
  const provider = (id: string, apiKey?: unknown, api: PlantedProvider["dialect"] = "openai-completions") => ({
    api,
    baseUrl: `${url}/${id}${api === "openai-completions" ? "/v1" : ""}`,
    models: [{ id: "ok", name: "ok" }],
    ...(apiKey !== undefined && { apiKey }),
  });

  try {
    await write(".openclaw/.env", `ANTHROPIC_API_KEY=${valueOf("dotenv")}\n`, ["dotenv"]);
    await write("secrets.json", { team: { key: valueOf("file-json") } }, ["file-json"]);
    await write("secret.txt", `${valueOf("file-single")}\n`, ["file-single"]);
    await write("resolver.mjs", RESOLVER);
    await write("exec-values.json", { protocolVersion: 1, values: { "team/key": valueOf("exec") } }, ["exec"]);
    await write(
      ".openclaw/agents/main/agent/auth-profiles.json",
      {
        version: 1,
        profiles: {
          "mistral:default": { type: "api_key", provider: "mistral", key: valueOf("store-api-key") },
          "together:default": { type: "token", provider: "together", token: valueOf("store-token") },
          "canary-login:default": {
            type: "oauth",
            provider: "canary-login",
            email: "canary@example.invalid",
            access: valueOf("store-access"),
            refresh: valueOf("store-refresh"),
            expires: now + 48 * HOUR_MS,
          },
        },
      },
      ["store-api-key", "store-token", "store-access", "store-refresh"],
    );
    await write(
      ".openclaw/openclaw.json",
      {
        gateway: { mode: "local", port, auth: { mode: "token", token: valueOf("gateway-token") } },
        env: { vars: { GROQ_API_KEY: valueOf("config-env") } },
        agents: { defaults: { model: "openai/ok" } },
        secrets: {
          providers: {
            vault: { source: "file", path: join(path, "secrets.json") },
            single: { source: "file", path: join(path, "secret.txt"), mode: "singleValue" },
            ...(!execProblem && {
              command: {
                source: "exec",
                command,
                args: ["resolver.mjs", "exec-seen.jsonl", "exec-values.json"].map((file) => join(path, file)),
              },
            }),
          },
        },
        models: {
          providers: {
            openai: provider("openai"),
            anthropic: provider("anthropic", undefined, "anthropic-messages"),
            groq: provider("groq"),
            mistral: provider("mistral"),
            together: provider("together"),
            "canary-login": provider("canary-login"),
            "canary-plaintext": provider("canary-plaintext", valueOf("config-plaintext")),
            "canary-file": provider("canary-file", reference("file", "vault", "/team/key")),
            "canary-single": provider("canary-single", reference("file", "single", "value")),
            ...(!execProblem && { "canary-exec": provider("canary-exec", reference("exec", "command", "team/key")) }),
          },
        },
      },
      ["config-env", "config-plaintext", "gateway-token"],
    );
    await write("plan.json", {
      version: 1,
      protocolVersion: 1,
      targets: [
        {
          type: "models.providers.*.apiKey",
          path: "models.providers.canary-plaintext.apiKey",
          ref: reference("file", "vault", "/team/key"),
        },
      ],
    });
    await mkdir(join(path, "tmp"), { mode: 0o700 });
  } catch (error) {
    await rm(path, { recursive: true, force: true, maxRetries: 3 });
    throw error;
  }

  const openai = "openai-completions";
  return {
    path,
    canaries,
    planted,
    execLog,
    execProblem,
    planPath: join(path, "plan.json"),
    valueOf,
    envLabels: ["env-1", "env-2"],
    env: {
      HOME: path,
      OPENCLAW_HOME: path,
      XDG_CACHE_HOME: join(path, "cache"),
      TMPDIR: join(path, "tmp"),
      PATH: "/usr/bin:/bin",
      OPENAI_API_KEYS: `${valueOf("env-1")},${valueOf("env-2")}`,
      DEBUG: "*",
    },
    providers: [
      { id: "openai", dialect: openai, labels: ["env-1", "env-2"] },
      { id: "anthropic", dialect: "anthropic-messages", labels: ["dotenv"] },
      { id: "groq", dialect: openai, labels: ["config-env"] },
      { id: "mistral", dialect: openai, labels: ["store-api-key"] },
      { id: "together", dialect: openai, labels: ["store-token"] },
      { id: "canary-login", dialect: openai, labels: ["store-access"] },
      { id: "canary-plaintext", dialect: openai, labels: ["config-plaintext"] },
      { id: "canary-file", dialect: openai, labels: ["file-json"] },
      { id: "canary-single", dialect: openai, labels: ["file-single"] },
      ...(execProblem === undefined ? [{ id: "canary-exec", dialect: openai, labels: ["exec"] } as const] : []),
    ],
    remove: () => rm(path, { recursive: true, force: true, maxRetries: 3 }),
  };
}

/** The Node that runs may lie in a folder that others can write to, and is then no command to be trusted. */
async function whyNotRun(command: string, uid: number | undefined): Promise<string | undefined> {
  try {
    await checkCommand(command, { uid });
    return undefined;
  } catch (error) {
    if (error instanceof SecretsError) return error.message;
    throw error;
  }
}
