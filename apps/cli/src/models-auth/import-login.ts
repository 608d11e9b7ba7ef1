import { loginReaders, placeLogin, type AuthProfile, type ImportedLogin, type LoginOwner, type Placement } from "@openclaw/auth-profiles";
import { readConfig, recordProfile, type Home, type HomeSnapshot, type MetadataStamp } from "@openclaw/home";
import { authProviderId } from "@openclaw/providers";
import { CliError } from "../exit.ts";
import { readLoginFile } from "./login-file.ts";
import { noticesOf, requireProfileId, storeAccount } from "./store-account.ts";

/** Which login is imported, from where and how. */
export interface ImportOptions {
  readonly owner: LoginOwner;
  readonly path: string;
  readonly agentId: string | undefined;
  readonly profileId: string | undefined;
  /** With the refresh token: the tool it was taken from will have to log in again. */
  readonly takesOver: boolean;
  /** In place of a login that is fresher, of another account or another kind. */
  readonly replaces: boolean;
  readonly mode: "write" | "dry-run";
  /** Epoch milliseconds. */
  readonly now: number;
  readonly stamp: MetadataStamp;
  readonly signal: AbortSignal;
}

/** What an import did, or would do. */
export interface ImportReport {
  readonly owner: LoginOwner;
  /** As it is shown to people. */
  readonly file: string;
  readonly agentId: string;
  readonly provider: string;
  readonly profileId: string;
  readonly type: "oauth" | "token";
  readonly outcome: "added" | "updated" | "replaced" | "unchanged" | "kept";
  /** Of a login that was kept: it ends later, or it can be renewed and the imported one cannot. */
  readonly why?: "fresher" | "renewable";
  /** When the imported access ends, epoch milliseconds. */
  readonly expiresAt: number;
  /** Whether the refresh token came along, so that we renew the login. */
  readonly isTakenOver: boolean;
  readonly email?: string;
  readonly isDryRun: boolean;
  readonly warnings: readonly string[];
}

const refusals = {
  "other-type": "holds an account of another kind",
  "other-account": "holds another account",
  "other-provider": "holds an account of another provider",
} as const;

/**
 * Copies the login of another tool once, on request: its access token, which that tool goes on renewing for itself.
 *
 * @throws {CliError} where there is none, where it has ended, and where another account stands in its place.
 */
export async function importLogin(opened: Home, options: ImportOptions): Promise<ImportReport> {
  const home = opened.current;
  const { owner, path, takesOver, mode, stamp, signal } = options;
  if (takesOver && owner === "claude") {
    throw new CliError("A session of Claude Code is not taken over: only Claude Code may renew it.", "openclaw models auth setup-token");
  }
  const file = await readLoginFile(path, owner);
  const login = loginReaders[owner](file);
  checkUsable(login, options);
  const profileId = requireProfileId(options.profileId ?? login.profileId);
  const agent = home.agents.find(options.agentId);
  const rules = { takesOver, replaces: options.replaces, normalizeProvider: authProviderId };
  let placed = judge((await agent.storage.read()).profiles.get(profileId));
  const warnings = file.isShared ? [`others can read ${home.paths.display(path)}; make it private: chmod 600 '${path}'`] : [];

  if (mode === "write" && "profile" in placed) {
    const account = { agentId: options.agentId, provider: login.provider, profileId, stamp, signal };
    const stored = await storeAccount(home, {
      ...account,
      profile: (current) => {
        // Judged again while nobody else writes: somebody may have logged in meanwhile.
        placed = judge(current);
        return "profile" in placed ? placed.profile : undefined;
      },
    });
    if (stored) warnings.push(...(await noticesOf(opened, stored)).map((notice) => notice.replace(/^Warning: /u, "")));
  } else if (mode === "write" && placed.outcome === "unchanged") {
    await recordIfMissing(home, login, profileId, { stamp, signal });
  }
  return {
    owner,
    file: home.paths.display(path),
    agentId: agent.id,
    provider: login.provider,
    profileId,
    type: owner === "claude" ? "token" : "oauth",
    outcome: placed.outcome,
    ...(placed.outcome === "kept" && { why: placed.why }),
    expiresAt: login.expiresAt,
    isTakenOver: takesOver && placed.outcome !== "kept",
    ...(login.email !== undefined && { email: login.email }),
    isDryRun: mode === "dry-run",
    warnings,
  };

  function judge(stored: AuthProfile | undefined): Exclude<Placement, { readonly outcome: "refused" }> {
    const placement = placeLogin(login, stored, rules);
    if (placement.outcome !== "refused") return placement;
    throw new CliError(
      `Auth profile "${profileId}" ${refusals[placement.why]}, so it stays.`,
      "choose another --profile-id, or add --replace",
    );
  }
}

function checkUsable(login: ImportedLogin, { owner, takesOver, now, path }: ImportOptions): void {
  if (takesOver && login.refresh === undefined)
    throw new CliError(`${path} holds no refresh token to take over.`, "import it without --take-over");
  // What was taken over can be renewed.
  if (takesOver || login.expiresAt > now) return;
  throw new CliError(
    `The login of ${owner} ended at ${new Date(login.expiresAt).toISOString()}; only ${owner} renews it.`,
    `start ${owner} once, so that it renews its login, then repeat this`,
  );
}

/** An import that was interrupted before `openclaw.json` named the account is completed. */
async function recordIfMissing(
  { paths }: HomeSnapshot,
  { owner, provider, email }: ImportedLogin,
  id: string,
  options: { readonly stamp: MetadataStamp; readonly signal: AbortSignal },
): Promise<void> {
  const { auth } = await readConfig(paths.configPath);
  if (Object.hasOwn(auth?.profiles ?? {}, id)) return;
  const mode = owner === "claude" ? "token" : "oauth";
  await recordProfile({ paths, id, provider, mode, ...options, ...(email !== undefined && { email }) });
}
