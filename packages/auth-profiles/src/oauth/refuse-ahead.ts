import { accountLockName } from "./account-lock.ts";
import { cannotRefresh } from "./refresh-errors.ts";
import type { AccountRefresh, RefreshTools } from "./refresh-tools.ts";
import { mayBeUnderWay } from "./refresh-verdict.ts";
import { chooseFor, readCopies, readOwn } from "./stored-login.ts";
import { unsavedFor } from "./unsaved-tokens.ts";

/**
 * Ends a refresh that would come to nothing before it takes a lock or touches the disk: judged as under the lock, and as
 * the state is that people see. Only reads. A note of a refresh that may be under way says nothing yet.
 *
 * @throws {AuthProfileError} what the refresh would come to.
 */
export async function refuseAhead(request: AccountRefresh, tools: RefreshTools): Promise<void> {
  const { journal, clock, normalizeProvider } = tools;
  let isUnderWay = false;
  const watched: typeof journal = {
    ...journal,
    async read(name) {
      const entry = await journal.read(name);
      isUnderWay ||= entry !== undefined && mayBeUnderWay(entry, clock.now());
      return entry;
    },
  };
  const reading = { request, tools: { ...tools, journal: watched } };
  const own = await readOwn(reading);
  if (request.isGood(own.profile)) return;
  const locked = { ...reading, account: await accountLockName({ ...own, normalizeProvider }) };
  const copies = await readCopies(own, locked);
  if ((await unsavedFor(copies, locked)) !== undefined) return;
  const choice = await chooseFor(copies, locked);
  if (isUnderWay) return;
  if (choice.kind === "refuse") throw choice.error;
  const cannot = choice.kind === "none" || (choice.kind === "spend" && !tools.clientFor(choice.copy.profile.provider, choice.copy.profile));
  if (cannot) throw cannotRefresh(request.id, own.profile);
}
