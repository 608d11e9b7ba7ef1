import type { ProfileStorage } from "../file-storage.ts";
import type { OAuthProfile } from "../profile.ts";
import { accountLockName, tokenName } from "./account-lock.ts";
import { chooseLogin, type LoginChoice } from "./choose-login.ts";
import { findCopies, type LoginCopy } from "./login-copies.ts";
import type { RefreshState } from "./refresh-state.ts";
import type { RefreshTools } from "./refresh-tools.ts";

export type StateTools = Pick<RefreshTools, "journal" | "clock" | "normalizeProvider" | "siblings" | "unsaved"> & {
  readonly isLive: (profile: OAuthProfile) => boolean;
};

/** What a refresh of each login would come to, judged as the refresh itself is. Only reads. */
export async function readRefreshStates(logins: readonly LoginCopy[], tools: StateTools): Promise<ReadonlyMap<string, RefreshState>> {
  // A folder that cannot be listed may hold any note: each is looked for.
  const noted = await tools.journal.names().catch(() => undefined);
  const siblings = tools.siblings().map(readOnce);
  const states = new Map<string, RefreshState>();
  for (const login of logins) states.set(login.id, await stateOf(login, noted, { ...tools, siblings: () => siblings }));
  return states;
}

async function stateOf(own: LoginCopy, noted: ReadonlySet<string> | undefined, tools: StateTools): Promise<RefreshState> {
  const { journal, normalizeProvider, unsaved, isLive } = tools;
  const { refresh, forbiddenRefs } = own.profile;
  if (forbiddenRefs !== undefined) return "none";
  if (refresh !== undefined && noted?.size === 0) return "ready";

  const account = await accountLockName({ ...own, normalizeProvider });
  const copies = await findCopies({ own, account, siblings: tools.siblings(), normalizeProvider });
  const isUnsaved = ({ profile }: LoginCopy) =>
    profile.refresh !== undefined && unsaved.has(tokenName(profile.provider, profile.refresh, normalizeProvider));
  if (unsaved.size > 0 && copies.some(isUnsaved)) return "ready";
  // While the own access lives, the question is what becomes of it afterwards.
  const isGood = isLive(own.profile) ? () => false : isLive;
  let choice: LoginChoice;
  try {
    choice = await chooseLogin({ ...tools, account, copies, isGood, readNote: journal.read });
  } catch {
    return "indeterminate"; // A refresh would not be made either, and nobody can say what became of the last.
  }
  if (choice.kind === "refuse") return choice.state;
  return choice.kind === "none" ? "none" : "ready";
}

/** The same store, which is read once however many logins are asked for. */
function readOnce(storage: ProfileStorage): ProfileStorage {
  let reading: ReturnType<ProfileStorage["read"]> | undefined;
  let path: Promise<string> | undefined;
  return { ...storage, read: () => (reading ??= storage.read()), realPath: () => (path ??= storage.realPath()) };
}
