import { AuthProfileError, type StoredLogin } from "@openclaw/auth-profiles";
import { openHome, resolvePaths, type Home } from "@openclaw/home";
import { createTempHome, manualClock, type ManualClock } from "@openclaw/testkit";
import { afterEach, expect, onTestFinished, test } from "vitest";
import { keepLogins, type LoginEvent } from "./keep-logins.ts";

const storeOf = (agent: string) => `.openclaw/agents/${agent}/agent/auth-profiles.json`;
const login = { type: "oauth", provider: "acme", access: "test-access", refresh: "test-refresh", expires: 9e15 };

let ending = new AbortController();
afterEach(() => ending.abort());

interface Kept {
  readonly events: LoginEvent[];
  readonly asked: StoredLogin[];
  readonly clock: ManualClock;
  /** Looks at all logins again, half a minute later. */
  again(): Promise<void>;
}

/** Keeps the logins of a home whose refresher is the given function. */
async function keep(
  files: Readonly<Record<string, object>>,
  refreshAhead: (login: StoredLogin) => Promise<boolean>,
  errors: Error[] = [],
): Promise<Kept> {
  const folder = await createTempHome(files);
  onTestFinished(() => folder.remove());
  const clock = manualClock();
  const home = await openHome({ paths: resolvePaths({ env: folder.env, osHome: folder.path, cwd: folder.path }), env: folder.env, clock });
  const events: LoginEvent[] = [];
  const asked: StoredLogin[] = [];
  const refresher: Home["refresher"] = {
    ...home.refresher,
    refreshAhead(one) {
      asked.push(one);
      return refreshAhead(one);
    },
  };
  ending = new AbortController();
  let looked = Promise.withResolvers<void>();
  const sleeping = {
    now: () => clock.now(),
    sleep: (ms: number, signal?: AbortSignal) => {
      looked.resolve();
      return clock.sleep(ms, signal);
    },
  };
  void keepLogins({
    home: { current: home.current, refresher },
    clock: sleeping,
    onEvent: (event) => events.push(event),
    onError: (error) => errors.push(error),
    signal: ending.signal,
  });
  await looked.promise;
  return {
    events,
    asked,
    clock,
    async again() {
      looked = Promise.withResolvers();
      clock.advance(30_000);
      await looked.promise;
    },
  };
}

test("looks after each login once, in the store that owns it, and after nothing else", async () => {
  const { asked } = await keep(
    {
      ".openclaw/openclaw.json": { agents: { list: [{ id: "one" }, { id: "two" }] } },
      [storeOf("main")]: {
        profiles: {
          "acme:shared": login,
          "acme:key": { type: "api_key", provider: "acme", key: "test-key" },
          "acme:bare": { ...login, refresh: undefined },
        },
      },
      [storeOf("one")]: { profiles: { "acme:own": login } },
    },
    async () => false,
  );
  expect(asked.map(({ id }) => id).toSorted()).toEqual(["acme:own", "acme:shared"]);
  const places = await Promise.all(asked.map(async ({ id, storage }) => [id, await storage.realPath()] as const));
  for (const [id, path] of places) expect(path).toContain(id === "acme:shared" ? storeOf("main") : storeOf("one"));
});

test("tells that a login was refreshed, and of one that fails once for as long as it fails alike", async () => {
  const outcomes = new Map<string, readonly (boolean | string)[]>([
    ["acme:good", [true, false]],
    ["acme:bad", ["oauth-unavailable", "oauth-unavailable", "oauth-refresh-rejected", true, "oauth-refresh-rejected"]],
  ]);
  const turns = new Map<string, number>();
  const { events, again } = await keep({ [storeOf("main")]: { profiles: { "acme:good": login, "acme:bad": login } } }, async ({ id }) => {
    const turn = turns.get(id) ?? 0;
    turns.set(id, turn + 1);
    const outcome = outcomes.get(id)?.[turn] ?? false;
    if (typeof outcome === "boolean") return outcome;
    throw new AuthProfileError(outcome === "oauth-unavailable" ? outcome : "oauth-refresh-rejected", "not now", { hint: "later" });
  });
  for (let count = 0; count < 4; count += 1) await again();
  expect(events.map((event) => [event.type, event.profileId, ...("code" in event ? [event.code, event.hint] : [])])).toEqual([
    ["login-refreshed", "acme:good"],
    ["login-failing", "acme:bad", "oauth-unavailable", "later"],
    ["login-failing", "acme:bad", "oauth-refresh-rejected", "later"],
    ["login-refreshed", "acme:bad"],
    ["login-failing", "acme:bad", "oauth-refresh-rejected", "later"],
  ]);
});

test("tells apart accounts of one name in two agents", async () => {
  const { events, again } = await keep(
    {
      ".openclaw/openclaw.json": { agents: { list: [{ id: "work" }] } },
      [storeOf("main")]: { profiles: { "acme:a": { ...login, accountId: "one" } } },
      [storeOf("work")]: { profiles: { "acme:a": { ...login, accountId: "two" } } },
    },
    async ({ profile }) => {
      if (profile.accountId === "two") throw new AuthProfileError("oauth-refresh-rejected", "dead");
      return false;
    },
  );
  await again();
  await again();
  expect(events).toMatchObject([{ type: "login-failing", profileId: "acme:a", agentId: "work" }]);
});

test("goes on with the others when one fails in a way nobody foresaw", async () => {
  const errors: Error[] = [];
  const { events } = await keep(
    { [storeOf("main")]: { profiles: { "acme:odd": login, "acme:good": login } } },
    async ({ id }) => {
      if (id === "acme:odd") throw new TypeError("odd");
      return true;
    },
    errors,
  );
  expect(errors).toMatchObject([{ message: "odd" }]);
  expect(events).toMatchObject([{ type: "login-refreshed", profileId: "acme:good" }]);
});
