import { scriptsWith } from "@openclaw/testkit";

/**
 * Scripts that keep health: `putting` is a change that opens a window, `gateway` a health with its keeper, and `limited`
 * what a failed attempt of it is settled with.
 */
export const { runScript, startScript } = scriptsWith(`
import { createFileHealthStore, createHealth, keepHealth } from ${JSON.stringify(new URL("../src/index.ts", import.meta.url).href)};
import { createLockFolder, systemClock } from ${JSON.stringify(import.meta.resolve("@openclaw/secrets"))};
const storeAt = (path, locks) => createFileHealthStore({ path, locks: createLockFolder(locks) });
const putting = (id, until) => (all) => ({
  ...all,
  credentials: new Map([...all.credentials, [id, { windows: { m: { until, reason: "rate_limit", count: 1 } } }]]),
});
const put = (store, id, until) => store.update(putting(id, until)).then(() => "put");
const gateway = async (path, locks) => {
  const health = createHealth({ clock: systemClock });
  const onError = (error) => say({ told: error.code });
  const ending = new AbortController();
  const keeper = await keepHealth({ health, stores: [{ store: "main", at: storeAt(path, locks) }], clock: systemClock, onError, signal: ending.signal });
  return { health, keeper };
};
const candidate = (id) => ({ id, provider: "p", origin: id, billing: "metered", hosts: [], store: "main", via: "profile", resolve: () => undefined });
const planOf = (id) => ({ provider: "p", model: "m", candidates: [candidate(id), candidate("another")], excluded: [] });
const begin = (health, id) => health.admit(candidate(id), planOf(id));
const limited = { class: "rate_limit", scope: "model", rule: "test" };
const windows = (health) => health.inspect().map(({ id, model, window: { until, reason, count } }) => ({ id, model, until, reason, count }));
`);
