import type { OAuthProfile } from "../profile.ts";
import { accountLockName } from "./account-lock.ts";
import { adoptable, findCopies, spendable, type LoginCopy } from "./login-copies.ts";
import { tokenMark, type JournalEntry } from "./refresh-journal.ts";
import type { RefreshState } from "./refresh-state.ts";
import type { RefreshTools } from "./refresh-tools.ts";
import { judgeRefresh } from "./refresh-verdict.ts";

export type StateTools = Pick<RefreshTools, "journal" | "clock" | "normalizeProvider" | "siblings" | "unsaved"> & {
  readonly isLive: (profile: OAuthProfile) => boolean;
};

/** What a refresh of each login would come to, judged as the refresh itself is. Only reads. */
export async function readRefreshStates(logins: readonly LoginCopy[], tools: StateTools): Promise<ReadonlyMap<string, RefreshState>> {
  // A folder that cannot be listed may hold a note of any account: each is looked for.
  const noted = await tools.journal.accounts().catch(() => undefined);
  const states = new Map<string, RefreshState>();
  for (const login of logins) states.set(login.id, await stateOf(login, noted, tools));
  return states;
}

async function stateOf(own: LoginCopy, noted: ReadonlySet<string> | undefined, tools: StateTools): Promise<RefreshState> {
  const { journal, clock, normalizeProvider, unsaved, isLive } = tools;
  const { refresh, forbiddenRefs } = own.profile;
  if (forbiddenRefs !== undefined) return "none";
  if (refresh !== undefined && noted?.size === 0) return "ready";
  const account = await accountLockName({ ...own, normalizeProvider });
  if (refresh !== undefined && noted?.has(account) === false) return "ready";

  const copies = await findCopies({ own, account, siblings: tools.siblings(), normalizeProvider });
  if (!isLive(own.profile) && adoptable(copies, isLive) !== undefined) return "ready";
  const copy = spendable(copies);
  if (copy === undefined) return "none";
  const mark = tokenMark(copy.profile, account);
  if (unsaved.get(account)?.mark === mark) return "ready";
  let entry: JournalEntry | undefined;
  try {
    entry = await journal.read(account);
  } catch {
    return "indeterminate"; // A refresh would not be made either, and nobody can say what became of the last.
  }
  const verdict = judgeRefresh({ id: own.id, provider: own.profile.provider, entry, mark, now: clock.now() });
  return verdict.kind === "refuse" ? verdict.state : "ready";
}
