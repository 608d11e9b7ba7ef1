import type { Clock } from "@openclaw/secrets";
import type { AuthProfileError } from "../errors.ts";
import type { NormalizeProvider } from "../normalize-provider.ts";
import type { OAuthProfile } from "../profile.ts";
import { tokenName } from "./account-lock.ts";
import { adoptable, spendable, type LoginCopy, type SpendableCopy } from "./login-copies.ts";
import { tokenMark, type JournalEntry, type RefreshJournal } from "./refresh-journal.ts";
import type { RefreshState } from "./refresh-state.ts";
import { judgeRefresh, type RefreshVerdict } from "./refresh-verdict.ts";

/** A copy whose refresh token may be sent. */
export interface Spending {
  readonly kind: "spend";
  readonly copy: SpendableCopy;
  /** Of its refresh token. */
  readonly name: string;
  /** Names the tokens the copy holds. */
  readonly mark: string;
  readonly verdict: Exclude<RefreshVerdict, { kind: "refuse" }>;
  /** What was noted of it before. */
  readonly entry: JournalEntry | undefined;
}

/** What is to be done for an account whose own login is not good. */
export type LoginChoice =
  | { readonly kind: "adopt"; readonly profile: OAuthProfile }
  | Spending
  | { readonly kind: "refuse"; readonly state: RefreshState; readonly error: AuthProfileError }
  /** No copy holds a refresh token. */
  | { readonly kind: "none" };

export interface ChoiceQuestion {
  readonly account: string;
  /** The own one first. */
  readonly copies: readonly LoginCopy[];
  readonly isGood: (profile: OAuthProfile) => boolean;
  readonly readNote: RefreshJournal["read"];
  readonly clock: Clock;
  readonly normalizeProvider: NormalizeProvider;
  /** Tokens that the provider has just rejected, by name. */
  readonly dead?: ReadonlyMap<string, AuthProfileError>;
}

/**
 * Chooses between the copies of a login. A good one is taken over, unless the provider has said that it is dead. Else the
 * token of the copy that ends last is sent; where that is dead or may be spent, the own one's and then those of the
 * others, for a copy with a later end may be of a login that was revoked long ago. Only reads.
 */
export async function chooseLogin(question: ChoiceQuestion): Promise<LoginChoice> {
  const { copies, isGood } = question;
  const own = copies[0];
  const order = spendable(copies);
  const judged = new Map<SpendableCopy, Promise<Spending | Refusal>>();
  const judge = (copy: SpendableCopy) => {
    const judgement = judged.get(copy) ?? judgeCopy(copy, question);
    judged.set(copy, judgement);
    return judgement;
  };
  const refusalOf = async ({ profile }: LoginCopy) => {
    const holder = order.find((copy) => profile.refresh !== undefined && copy.profile.refresh.equals(profile.refresh));
    const judgement = holder && (await judge(holder));
    return judgement?.kind === "refuse" ? judgement.state : undefined;
  };

  if (own !== undefined && adoptable(copies, isGood, -Infinity).length > 0) {
    // Where the own one has no future, how long it claimed to live says nothing.
    const isDead = isHopeless(await refusalOf(own));
    for (const copy of isDead ? adoptable(copies, isGood, -Infinity) : adoptable(copies, isGood)) {
      if ((await refusalOf(copy)) !== "rejected") return { kind: "adopt", profile: copy.profile };
    }
  }

  let refusal: Refusal | undefined;
  for (const copy of order) {
    const judgement = await judge(copy);
    if (judgement.kind === "spend" || !isHopeless(judgement.state)) return judgement;
    refusal ??= judgement;
  }
  return refusal ?? { kind: "none" };
}

type Refusal = Extract<LoginChoice, { kind: "refuse" }>;

function isHopeless(state: RefreshState | undefined): boolean {
  return state === "rejected" || state === "indeterminate";
}

async function judgeCopy(copy: SpendableCopy, question: ChoiceQuestion): Promise<Spending | Refusal> {
  const { account, copies, readNote, clock, normalizeProvider, dead } = question;
  const { provider, refresh } = copy.profile;
  const name = tokenName(provider, refresh, normalizeProvider);
  const error = dead?.get(name);
  if (error !== undefined) return { kind: "refuse", state: "rejected", error };
  const mark = tokenMark(copy.profile, name);
  const entry = (await readNote(name)) ?? (await readOlderNote(copy, mark, account, readNote));
  // What was got for a token is not got again, whatever access is beside it.
  const isSpent = entry?.state === "received";
  const id = copies[0]?.id ?? copy.id;
  const verdict = judgeRefresh({ id, provider, entry, mark: isSpent ? entry.mark : mark, now: clock.now() });
  return verdict.kind === "refuse" ? verdict : { kind: "spend", copy, name, mark, verdict, entry };
}

/** Older versions kept one note for all tokens of an account. */
async function readOlderNote(
  copy: SpendableCopy,
  mark: string,
  account: string,
  readNote: RefreshJournal["read"],
): Promise<JournalEntry | undefined> {
  const entry = await readNote(account);
  return entry?.mark === tokenMark(copy.profile, account) ? { ...entry, mark } : undefined;
}
