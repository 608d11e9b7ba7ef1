import { stat } from "node:fs/promises";
import { join } from "node:path";
import { HomeError, readConfig, type Config, type HomePaths } from "@openclaw/home";
import { createSecretResolver, readPrivateFile, Secret, SecretsError, type Clock, type Env, type SecretRef } from "@openclaw/secrets";
import { findAgentDirs } from "./agent-dirs.ts";
import { brokenFile, emptySource, type AuditSource, type SecretPlace } from "./audit-source.ts";
import { readConfigSource } from "./config-source.ts";
import { readAuditEnv, readEnvSource, type AuditEnv } from "./env-source.ts";
import { readModelsJsonSource } from "./models-json-source.ts";
import { isRecord, readJsonObject } from "./read-json-object.ts";
import { parseReferences, resolveReferences, type ResolvedReferences } from "./resolve-references.ts";
import { noteLegacySecrets, readLegacySource, readStoreSource, type StoredAccount } from "./store-source.ts";

/** What the files of a home say, and what became of its references. */
export interface AuditedHome {
  readonly sources: {
    readonly config: AuditSource;
    readonly stores: readonly (AuditSource & { readonly accounts: readonly StoredAccount[] })[];
    readonly models: readonly AuditSource[];
    readonly env: AuditSource;
    readonly legacy: readonly AuditSource[];
  };
  readonly resolved: ResolvedReferences;
  /** Secrets of files that OpenClaw's audit does not look at. */
  readonly others: AuditSource;
  readonly env: {
    /** Variables that give a credential. */
    readonly credentialNames: ReadonlySet<string>;
  };
  /** Files that are there to hold secrets, such as those of file providers. */
  readonly secretFiles: readonly string[];
  readonly agentDirs: readonly string[];
}

/** What a home is read with. */
export interface ReadAuditedHomeOptions {
  readonly paths: HomePaths;
  readonly env: Env;
  readonly clock: Clock;
  readonly allowExec: boolean;
  /** Where the content of a file is. */
  pathOf(path: string): string;
}

const LARGEST_TOKEN_FILE = 65_536;

/** Reads each file once, and resolves the references in them. What cannot be read is a finding. */
export async function readAuditedHome(options: ReadAuditedHomeOptions): Promise<AuditedHome> {
  const { paths, pathOf } = options;
  const { config, broken } = await readAuditedConfig(paths.configPath, pathOf(paths.configPath));
  const auditEnv = await readAuditEnv(options.env, paths.envFile, pathOf(paths.envFile), config);
  const agents = await findAgentDirs(paths, config);
  const from = (file: string) => ({ file, from: pathOf(file), env: auditEnv.layers });

  const configSource = readConfigSource(paths.configPath, config, auditEnv.layers);
  const stores: AuditedHome["sources"]["stores"][number][] = [];
  const models: AuditSource[] = [];
  const legacy: AuditSource[] = [];
  for (const { id, dir } of agents) {
    const suffix = id === "main" ? "" : ` (agent ${id})`;
    stores.push(await readStoreSource({ ...from(join(dir, "auth-profiles.json")), suffix }));
    models.push(await readModelsJsonSource(from(join(dir, "models.json"))));
    legacy.push(await readLegacySource({ ...from(join(dir, "auth.json")), suffix }));
  }

  const uses = [configSource, ...stores, ...models].flatMap((source) => source.references);
  const references = parseReferences(uses, config.secrets?.defaults ?? {});
  const named = new Set(references.flatMap((parsed) => ("ref" in parsed && parsed.ref.source === "env" ? [parsed.ref.id] : [])));
  const envOptions = {
    envFile: paths.envFile,
    configFile: paths.configPath,
    config,
    providers: Object.keys(config.models?.providers ?? {}),
    named,
  };
  const envSource = readEnvSource(auditEnv, envOptions);
  const resolved = await resolveReferences(references, {
    resolver: createSecretResolver({
      env: auditEnv.layers.values,
      providers: config.secrets?.providers,
      limits: config.secrets?.resolution,
      home: paths.home,
      clock: options.clock,
    }),
    allowExec: options.allowExec,
    placesOf: (ref) => placesOf(ref, config, paths),
  });

  return {
    sources: {
      config: {
        ...configSource,
        // Of all files it is named even where there is none, as by OpenClaw.
        files: [paths.configPath],
        findings: broken === undefined ? configSource.findings : [brokenFile(paths.configPath, broken), ...configSource.findings],
      },
      stores,
      models,
      env: { ...envSource, files: await presentFile(paths.envFile, pathOf), findings: [...auditEnv.findings, ...envSource.findings] },
      legacy,
    },
    resolved,
    others: await readOthers(paths, pathOf),
    env: { credentialNames: credentialNamesOf(envSource, auditEnv) },
    secretFiles: fileProviders(config, paths),
    agentDirs: agents.map(({ dir }) => dir),
  };
}

async function readAuditedConfig(file: string, from: string): Promise<{ readonly config: Config; readonly broken?: string }> {
  try {
    return { config: await readConfig(from) };
  } catch (error) {
    if (!(error instanceof HomeError)) throw error;
    return { config: {}, broken: error.message.replaceAll(from, file) };
  }
}

async function presentFile(file: string, pathOf: (path: string) => string): Promise<readonly string[]> {
  return (await stat(pathOf(file)).catch(() => undefined)) === undefined ? [] : [file];
}

/** The gateway's token, and the logins of a version before profiles. */
async function readOthers(paths: HomePaths, pathOf: (path: string) => string): Promise<AuditSource> {
  const source = emptySource();
  const logins = join(paths.stateDir, "credentials", "oauth.json");
  const read = await readJsonObject({ file: logins, from: pathOf(logins), maxBytes: 5 * 1024 * 1024 });
  for (const [provider, entry] of read.kind === "read" ? Object.entries(read.json) : []) {
    if (isRecord(entry)) noteLegacySecrets(source, logins, provider, entry, "");
  }
  const tokenFile = join(paths.stateDir, "gateway-token");
  const token = (await readPrivateFile(tokenFile, { maxBytes: LARGEST_TOKEN_FILE, followLink: true }).catch(ignoreUnreadable))
    ?.toString("utf8")
    .trim();
  if (token) source.secrets.push({ label: "gateway token", secret: Secret.of(token), places: [{ kind: "file", file: tokenFile }] });
  return source;
}

/** A file that is out of scope is no finding when it cannot be read. */
function ignoreUnreadable(error: unknown): undefined {
  if (error instanceof SecretsError) return undefined;
  throw error;
}

function placesOf(ref: SecretRef, config: Config, paths: HomePaths): readonly SecretPlace[] {
  const providers = config.secrets?.providers ?? {};
  const provider = Object.hasOwn(providers, ref.provider) ? providers[ref.provider] : undefined;
  return provider?.source === "file" ? [{ kind: "file", file: paths.absolute(provider.path) }] : [];
}

function fileProviders(config: Config, paths: HomePaths): readonly string[] {
  const providers = Object.values(config.secrets?.providers ?? {});
  return providers.flatMap((provider) => (provider.source === "file" ? [paths.absolute(provider.path)] : []));
}

/** The names behind the values of the environment, whichever of them gave the value. */
function credentialNamesOf(source: AuditSource, { layers }: AuditEnv): ReadonlySet<string> {
  return new Set(source.secrets.map(({ label }) => label).filter((name) => layers.layerOf(name) !== undefined));
}
