import { stat } from "node:fs/promises";
import { join } from "node:path";
import { HomeError, readCommitted, readFingerprintSalt, type HomePaths } from "@openclaw/home";
import { createRedactor, type Clock, type Env } from "@openclaw/secrets";
import type { KnownSecret, SecretPlace } from "./audit-source.ts";
import type { AuditFinding, AuditNotice, AuditReport, FindingCode } from "./audit-types.ts";
import { findShadowed } from "./find-shadowed.ts";
import { uniqueSecrets } from "./known-secrets.ts";
import { readAuditedHome, type AuditedHome } from "./read-audited-home.ts";
import { searchRoots } from "./search-roots.ts";
import { searchValues, type SearchedValues } from "./search-values.ts";

/** What is audited, and how far. */
export interface AuditOptions {
  readonly paths: HomePaths;
  readonly env: Env;
  readonly clock: Clock;
  /** Run the commands of exec references. */
  readonly allowExec: boolean;
  /** Search the history of shells as well. */
  readonly history: boolean;
  /** Where OpenClaw logs to. */
  readonly logFolder: string;
  /** The user this process runs as. */
  readonly uid: number | undefined;
}

/** What came of an audit. */
export interface Audit {
  readonly report: AuditReport;
  /** Takes every value the audit knows out of a text: an id or a path may hold one. */
  redact(text: string): string;
}

/** What is shorter occurs in any text. */
const SHORTEST_REDACTED = 8;

/**
 * Looks for secrets where none should be and for references that lead nowhere. Writes nothing, and runs
 * no command unless allowed to. A file that is broken is a finding, and the others are looked at all the same.
 */
export async function createAudit(options: AuditOptions): Promise<Audit> {
  const home = await readHome(options);
  const { sources, resolved, env } = home;
  const secrets = secretsOf(home);
  const files = new Set(
    [sources.config, ...sources.stores, ...sources.models, sources.env, ...sources.legacy].flatMap((source) => source.files),
  );
  const filesScanned = [...files].toSorted();
  const findings: readonly AuditFinding[] = [
    ...sources.config.findings,
    ...sources.stores.flatMap((store) => store.findings),
    ...sources.models.flatMap((models) => models.findings),
    ...resolved.findings,
    ...findShadowed(
      sources.config.references,
      sources.stores.flatMap((store) => store.accounts),
    ),
    ...sources.env.findings,
    ...sources.legacy.flatMap((legacy) => legacy.findings),
  ];
  const searched = await searchHome(home, secrets, filesScanned, options);
  const count = (code: FindingCode) => findings.filter((finding) => finding.code === code).length;
  const unresolvedRefCount = count("REF_UNRESOLVED");
  const report: AuditReport = {
    version: 1,
    status: unresolvedRefCount > 0 ? "unresolved" : findings.length > 0 ? "findings" : "clean",
    resolution: {
      refsChecked: resolved.checked,
      skippedExecRefs: resolved.skipped,
      resolvabilityComplete: resolved.skipped === 0,
    },
    filesScanned,
    summary: {
      plaintextCount: count("PLAINTEXT_FOUND"),
      unresolvedRefCount,
      shadowedRefCount: count("REF_SHADOWED"),
      legacyResidueCount: count("LEGACY_RESIDUE"),
      valueFindingCount: searched.valueFindings.length,
    },
    findings,
    ...searched,
    notices: environmentNotices(Object.keys(options.env), env.credentialNames),
  };
  const redactor = createRedactor({ minBytes: SHORTEST_REDACTED });
  for (const { secret } of secrets) redactor.add(secret);
  return { report, redact: (text) => redactor.text(text) };
}

/** All of it before or after whatever change is under way. Where that cannot be told, as it stands. */
async function readHome(options: AuditOptions): Promise<AuditedHome> {
  try {
    return await readCommitted(options.paths.stateDir, (pathOf) => readAuditedHome({ ...options, pathOf }));
  } catch (error) {
    if (!(error instanceof HomeError)) throw error;
    return readAuditedHome({ ...options, pathOf: (path) => path });
  }
}

/** Every value that is known, the best name for it first. */
function secretsOf({ sources, resolved, others }: AuditedHome): readonly KnownSecret[] {
  const all = [sources.env, ...sources.stores, sources.config, ...sources.legacy, others, ...sources.models, resolved];
  return uniqueSecrets(all.flatMap((source) => source.secrets));
}

async function searchHome(
  { secretFiles, agentDirs }: AuditedHome,
  secrets: readonly KnownSecret[],
  files: readonly string[],
  options: AuditOptions,
): Promise<SearchedValues> {
  const { stateDir } = options.paths;
  // Where a provider keeps secrets a key may be before the reference to it is: nobody is to delete it there.
  const keptThere: readonly SecretPlace[] = secretFiles.map((file) => ({ kind: "file", file }));
  return searchValues({
    secrets: secrets.map((secret) => ({ ...secret, places: [...secret.places, ...keptThere] })),
    roots: await searchRoots({ ...options, agentDirs, secretFiles }),
    files: await existing([...files, ...secretFiles]),
    skip: [join(stateDir, "locks")],
    // What is wrong with it, `status` says.
    salt: await readFingerprintSalt(stateDir).catch(() => undefined),
  });
}

async function existing(files: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(
    files.map(async (file) => ({ file, isThere: (await stat(file).catch(() => undefined))?.isFile() === true })),
  );
  return found.filter(({ isThere }) => isThere).map(({ file }) => file);
}

/** Whoever may look at the processes of this user may read their environment. */
function environmentNotices(processNames: readonly string[], credentialNames: ReadonlySet<string>): readonly AuditNotice[] {
  const names = processNames.filter((name) => credentialNames.has(name)).toSorted();
  if (names.length === 0) return [];
  const what = `${names.join(", ")} ${names.length === 1 ? "stands" : "stand"} in the environment of this process`;
  const advice = "every program of this user can read it (/proc/<pid>/environ); references to files or commands keep keys out of it";
  return [{ code: "KEYS_IN_ENVIRONMENT", message: `${what}: ${advice}.` }];
}
