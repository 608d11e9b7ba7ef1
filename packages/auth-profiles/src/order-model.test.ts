import fc from "fast-check";
import { expect, test } from "vitest";
import { plainProvider } from "./normalize-provider.ts";
import { orderProfiles } from "./order.ts";
import { parseAuthStore } from "./store.ts";

const NOW = 1_800_000_000_000;
const models = [undefined, "m", "n"];

/** A profile as the model sees it: what matters of it, and nothing of how it is stored. */
interface Account {
  readonly type: "oauth" | "token" | "api_key";
  readonly lastUsed: number | undefined;
  readonly isBlank: boolean;
  readonly isEnded: boolean;
  readonly cooldown: number | undefined;
  readonly cooldownModel: string | undefined;
  readonly disabled: number | undefined;
}

const time = fc.option(fc.integer({ min: -3, max: 6 }), { nil: undefined });
const account: fc.Arbitrary<Account> = fc.record({
  type: fc.constantFrom("oauth", "token", "api_key"),
  lastUsed: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
  isBlank: fc.boolean(),
  isEnded: fc.boolean(),
  cooldown: time,
  cooldownModel: fc.constantFrom(...models),
  disabled: time,
});

/** What the rules say, one by one: a list to pick from, of which the best is taken until none is left. */
function pickedOneByOne(accounts: readonly Account[], model: string | undefined): readonly string[] {
  const left = new Map(accounts.map((each, at) => [`p:${at}`, each]));
  for (const [id, { isBlank, isEnded, type }] of left) if (isBlank || (isEnded && type === "token")) left.delete(id);
  const picked: string[] = [];
  while (left.size > 0) {
    let best: string | undefined;
    for (const [id, each] of left) {
      const other = best === undefined ? undefined : left.get(best);
      if (other === undefined || comesBefore(each, other, model)) best = id;
    }
    if (best === undefined) break;
    picked.push(best);
    left.delete(best);
  }
  return picked;
}

function comesBefore(one: Account, other: Account, model: string | undefined): boolean {
  if (restOf(one, model) !== restOf(other, model)) return restOf(one, model) < restOf(other, model);
  if (one.type !== other.type) return one.type === "oauth" || other.type === "api_key";
  return (one.lastUsed ?? 0) < (other.lastUsed ?? 0);
}

/** How long an account must still rest. */
function restOf({ cooldown, cooldownModel, disabled }: Account, model: string | undefined): number {
  const ofModel = cooldownModel === undefined || cooldownModel === model ? (cooldown ?? 0) : 0;
  return Math.max(0, ofModel, disabled ?? 0);
}

function storeOf(accounts: readonly Account[]): object {
  const entries = accounts.map(({ type, isBlank, isEnded }, at) => {
    const field = { oauth: "refresh", token: "token", api_key: "key" }[type];
    const expires = type === "api_key" ? {} : { expires: isEnded ? NOW : NOW + 1 };
    return [`p:${at}`, { type, provider: "p", [field]: isBlank ? " " : "test-value", ...expires }];
  });
  const stats = accounts.map(({ lastUsed, cooldown, cooldownModel, disabled }, at) => {
    const until = (rest: number | undefined) => (rest === undefined ? undefined : NOW + rest);
    return [`p:${at}`, { lastUsed, cooldownUntil: until(cooldown), cooldownModel, disabledUntil: until(disabled) }];
  });
  return { profiles: Object.fromEntries(entries), usageStats: Object.fromEntries(stats) };
}

test("A6: of any 10,000 stores the order is that of picking the best account again and again", () => {
  const stores = fc.array(account, { maxLength: 8 });
  fc.assert(
    fc.property(stores, fc.constantFrom(...models), (accounts, model) => {
      const store = parseAuthStore(storeOf(accounts));
      const query = { store, config: {}, provider: "p", now: NOW, normalizeProvider: plainProvider };
      const { ids } = orderProfiles({ ...query, ...(model !== undefined && { model }) });
      expect(ids).toEqual(pickedOneByOne(accounts, model));
    }),
    { numRuns: 10_000, seed: 6 },
  );
}, 30_000);

test("A6: an explicit order keeps its sequence, and those that rest go last, the soonest end first", () => {
  fc.assert(
    fc.property(fc.array(account, { maxLength: 8 }), (accounts) => {
      const sequence = accounts.map((_, at) => `p:${at}`).toReversed();
      const store = parseAuthStore({ ...storeOf(accounts), order: { p: sequence } });
      const { ids } = orderProfiles({ store, config: {}, provider: "p", now: NOW, normalizeProvider: plainProvider });
      // In a model where all are of one type and nobody was ever used, only the sequence is left to decide.
      const alike = accounts.map((each) => ({ ...each, isBlank: each.isBlank || (each.isEnded && each.type === "token") }));
      const plain = alike.map((each) => ({ ...each, type: "api_key", lastUsed: undefined, isEnded: false }) as const);
      const names = new Map(sequence.map((id, at) => [`p:${at}`, id]));
      expect(ids).toEqual(pickedOneByOne(plain.toReversed(), undefined).map((id) => names.get(id)));
    }),
    { numRuns: 2_000, seed: 6 },
  );
});
