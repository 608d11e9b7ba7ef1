import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { rename, symlink } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { storeLockName } from "@openclaw/auth-profiles";
import { createLockFolder, Secret } from "@openclaw/secrets";
import { createTempHome, type TempHome } from "@openclaw/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createAgentStorages } from "../agent-storage.ts";
import { applyFileTransaction, finishFileTransaction } from "../file-transaction.ts";

const STORE = ".openclaw/agents/main/agent/auth-profiles.json";
const OTHER = ".openclaw/agents/work/agent/auth-profiles.json";
const CONFIG = ".openclaw/openclaw.json";
const JOURNAL = ".openclaw/secrets-apply.journal";
const ID = "0123456789abcdef";

const storeWith = (key: object) =>
  JSON.stringify({
    version: 1,
    profiles: {
      "openai:k": { type: "api_key", provider: "openai", ...key },
      "acme:a": { type: "oauth", provider: "acme", access: "test-a1", refresh: "test-r1", expires: 1000 },
    },
  });
const OLD = storeWith({ key: "test-key-one" });
const NEW = storeWith({ keyRef: { source: "env", provider: "default", id: "K" } });

let home: TempHome;
beforeEach(async () => {
  home = await createTempHome({ [STORE]: OLD, [CONFIG]: "old config" });
});
afterEach(() => home.remove());

const at = (file: string): string => join(home.path, file);
const AT_ONCE = { timeoutMs: 1 };
const isHeld = { name: "SecretsError", code: "lock-timeout" };

/** Has the lock of a store, as somebody does who saves a login in it. */
async function hold(path: string): Promise<() => Promise<void>> {
  const [held, ended] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const holding = createLockFolder(join(home.stateDir, "locks")).withLock(storeLockName(path), () => (held.resolve(), ended.promise));
  await held.promise;
  return () => (ended.resolve(), holding);
}

const apply = (file: string, content: string, expected?: string) =>
  applyFileTransaction({
    stateDir: home.stateDir,
    changes: [{ path: at(file), content, expected: expected === undefined ? undefined : Buffer.from(expected) }],
    lock: AT_ONCE,
  });

/** What is in a file just now; an empty object where there is none. */
function textAt(file: string): string {
  try {
    return readFileSync(at(file), "utf8");
  } catch {
    return "{}";
  }
}

const digest = (text: string): string => createHash("sha256").update(text).digest("hex");

/** What a transaction leaves that was committed and died. */
async function leaveCommitted(file = STORE, more: object = {}): Promise<void> {
  await home.write(join(file, `../.openclaw-${ID}-0.prepared`), NEW);
  // Whole at once, as it is written.
  await home.write("journal", {
    version: 1,
    id: ID,
    phase: "committed",
    files: [{ path: at(file), before: digest(OLD), after: digest(NEW), ...more }],
  });
  await rename(at("journal"), at(JOURNAL));
}

test("D8: nothing is applied to a store while somebody holds its lock", async () => {
  const release = await hold(at(STORE));
  await expect(apply(STORE, NEW, OLD)).rejects.toMatchObject(isHeld);
  expect(await home.read(STORE)).toBe(OLD);
  await apply(CONFIG, "new config", "old config");
  await release();
  await apply(STORE, NEW, OLD);
  expect(await home.read(STORE)).toBe(NEW);
});

test("D8: the lock is that of the file a link leads to, whatever its name", async () => {
  await home.write("shared/accounts.json", OLD);
  await home.write(`${OTHER}.beside`, "");
  await symlink(at("shared/accounts.json"), at(OTHER));
  const release = await hold(at("shared/accounts.json"));
  await expect(apply(OTHER, NEW, OLD)).rejects.toMatchObject(isHeld);
  await release();
  await leaveCommitted("shared/accounts.json", { isStore: true });
  const releaseAgain = await hold(at("shared/accounts.json"));
  await expect(finishFileTransaction(home.stateDir, AT_ONCE)).rejects.toMatchObject(isHeld);
  await releaseAgain();
  expect(await finishFileTransaction(home.stateDir)).toMatchObject({ outcome: "completed" });
  expect(await home.read("shared/accounts.json")).toBe(NEW);
});

test("the journal says of a file with another name that it is a store, also when it is named by both", async () => {
  await home.write("shared/accounts.json", OLD);
  await home.write(`${OTHER}.beside`, "");
  await symlink(at("shared/accounts.json"), at(OTHER));
  const seen = { journals: new Set<string>(), isOver: false };
  const applied = applyFileTransaction({
    stateDir: home.stateDir,
    changes: [OTHER, "shared/accounts.json"].map((file) => ({ path: at(file), content: NEW, expected: Buffer.from(OLD) })),
  }).finally(() => (seen.isOver = true));
  // It does not take two steps without coming back here in between.
  for (; !seen.isOver; await setImmediate()) seen.journals.add(textAt(JOURNAL));
  expect(await applied).toEqual([at("shared/accounts.json")]);
  const files = [{ path: at("shared/accounts.json"), before: digest(OLD), after: digest(NEW), isStore: true }];
  expect([...seen.journals].map((text): unknown => JSON.parse(text))).toContainEqual(
    expect.objectContaining({ phase: "committed", files }),
  );
});

test("D8: what a dead transaction left of a store is not put in place under who changes it, by nobody", async () => {
  await leaveCommitted();
  const release = await hold(at(STORE));
  await expect(finishFileTransaction(home.stateDir, AT_ONCE)).rejects.toMatchObject(isHeld);
  await expect(apply(CONFIG, "new config", "old config")).rejects.toMatchObject(isHeld);
  expect(await home.read(STORE)).toBe(OLD);
  await release();
  await apply(CONFIG, "new config", "old config");
  expect(await home.read(STORE)).toBe(NEW);
});

test("what was committed and died while one waited for a store is put in place before the store is changed", async () => {
  const { storage } = createAgentStorages().open({
    storePath: at(STORE),
    stateDir: home.stateDir,
    secretDefaults: undefined,
    hasLegacyLogins: false,
  });
  const release = await hold(at(STORE));
  const waits = Promise.withResolvers<void>();
  const updated = storage.update((draft) => draft.setTokens("acme:a", { access: Secret.of("test-a2"), refresh: Secret.of("test-r2") }), {
    // Asked for when the lock is: nothing was to be finished before.
    get timeoutMs() {
      waits.resolve();
      return 30_000;
    },
  });
  await waits.promise;
  await leaveCommitted();
  await release();
  await updated;
  const text = await home.read(STORE);
  expect(text).toContain("test-r2");
  expect(text).not.toContain("test-key-one");
  expect(await finishFileTransaction(home.stateDir)).toMatchObject({ outcome: "none" });
});

test("what is left over other stores when one's turn comes is not finished without their locks either", async () => {
  await home.write(OTHER, OLD);
  const [releaseStore, releaseOther] = [await hold(at(STORE)), await hold(at(OTHER))];
  const waits = Promise.withResolvers<void>();
  let isFirst = true;
  const applied = applyFileTransaction({
    stateDir: home.stateDir,
    changes: [{ path: at(STORE), content: NEW, expected: Buffer.from(OLD) }],
    lock: {
      // It waits for the store it has to change, and for no other.
      get timeoutMs() {
        waits.resolve();
        const timeoutMs = isFirst ? 30_000 : AT_ONCE.timeoutMs;
        isFirst = false;
        return timeoutMs;
      },
    },
  });
  await waits.promise;
  await leaveCommitted(OTHER);
  await releaseStore();
  await expect(applied).rejects.toMatchObject(isHeld);
  expect([await home.read(STORE), await home.read(OTHER)]).toEqual([OLD, OLD]);
  await releaseOther();
  await apply(STORE, NEW, OLD);
  expect([await home.read(STORE), await home.read(OTHER)]).toEqual([NEW, NEW]);
});
