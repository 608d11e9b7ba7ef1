import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunningProcess, ScriptOptions } from "@openclaw/testkit";
import { startScript } from "./child.ts";

/**
 * Where a process can be told to wait in the middle of a refresh: it holds the account's lock and has proved that it
 * could save (`probed`); has noted that it will ask, and has not asked (`noted`); has the new tokens and not written them
 * (`answered`); has written them and still holds the lock (`saved`).
 */
export type Gate = "probed" | "noted" | "answered" | "saved";

/** What a process is asked for: an agent's access to `acme`. It holds paths and no token. */
export interface Ask {
  readonly storePath: string;
  /** Read through to. */
  readonly mainPath?: string;
  /** Stores that may hold copies of the same login. */
  readonly siblingPaths?: readonly string[];
  /** Holds `locks` and `refresh`. */
  readonly statePath: string;
  readonly tokenUrl: string;
  readonly stopAt?: Gate;
  /** Refreshes ahead of the end, in main's file if that is read through to, instead of asking for a login that lives. */
  readonly isAhead?: boolean;
  /** The access is asked for, and then once more because it was refused. */
  readonly isRefused?: boolean;
  /** How far this process's time is from the machine's. */
  readonly clockShiftMs?: number;
  /** Nobody is locked out: what the lock is good for. */
  readonly isLockless?: boolean;
}

/** What became of it: a token by its fingerprint, or an error. */
export interface Outcome {
  readonly token?: string;
  /** Whether there was nothing to wait for. */
  readonly isAtOnce?: boolean;
  readonly code?: string;
  readonly message?: string;
  readonly hint?: string;
}

/** Names tokens in what processes say. */
export const SALT: Uint8Array = Buffer.from("test");

/** Defines `ask(request)`, which does what a request does: reads the store, lists its candidates and resolves the first. */
export const ASK = `
import { createAuthProfiles, createOAuthClient, createRefresher } from ${JSON.stringify(new URL("../src/index.ts", import.meta.url).href)};
import { systemClock } from ${JSON.stringify(import.meta.resolve("@openclaw/secrets"))};
import { flushCompileCache } from "node:module";

/** Which request it is, counted from 1. */
let nth = 0;
let signals = 0;
const waiting = [];
process.on("SIGUSR2", () => (waiting.length > 0 ? waiting.shift()() : signals++));
const nextSignal = () => (signals > 0 ? void signals-- : new Promise((resolve) => waiting.push(resolve)));
const salt = Buffer.from("test");

async function ask(request) {
  const clock = { ...systemClock, now: () => systemClock.now() + (request.clockShiftMs ?? 0) };
  const gate = async (at) => {
    if (request.stopAt !== at) return;
    say({ nth, at });
    await nextSignal();
  };
  const folder = createLockFolder(request.statePath + "/locks", { clock });
  const locks = {
    withLock(name, run, options) {
      if (name.startsWith("refresh-")) say({ nth, waits: true });
      return request.isLockless ? run() : folder.withLock(name, run, options);
    },
  };
  let isAnswered = false;
  const storageOf = (storePath) => {
    const storage = createFileStorage({ storePath, locks: folder });
    return {
      ...storage,
      async probe() {
        await storage.probe();
        await gate("probed");
      },
      async update(change, options) {
        const result = await storage.update(async (draft) => {
          const result = await change(draft);
          if (isAnswered) await gate("answered");
          return result;
        }, options);
        if (isAnswered) await gate("saved");
        return result;
      },
    };
  };
  const client = createOAuthClient(
    { provider: "acme", tokenUrl: request.tokenUrl, clientId: "test-client", accountClaim: ["account_id"] },
    { clock },
  );
  const gated = {
    ...client,
    async refresh(...given) {
      await gate("noted");
      const tokens = await client.refresh(...given);
      isAnswered = true;
      return tokens;
    },
  };
  const storage = storageOf(request.storePath);
  const mainStorage = request.mainPath && storageOf(request.mainPath);
  const siblings = (request.siblingPaths ?? []).map(storageOf);
  const refresher = createRefresher({
    clientFor: () => gated,
    locks,
    journalDir: request.statePath + "/refresh",
    clock,
    siblings: () => siblings,
  });
  try {
    const set = await createAuthProfiles({ storage, mainStorage, secrets: { outcomeOf: () => undefined }, refresher, clock }).read();
    if (request.isAhead) {
      const profile = set.store.profiles.get("acme:work");
      const owner = mainStorage ?? storage;
      await refresher.refreshAhead({ id: "acme:work", profile, storage: owner });
      const { access } = (await owner.read()).profiles.get("acme:work");
      return { token: access.fingerprint(salt) };
    }
    const [candidate] = set.candidates({ provider: "acme", hosts: [], profileId: "acme:work" }).candidates;
    const resolved = candidate.resolve({});
    let credential = await resolved;
    if (request.isRefused) credential = await candidate.resolve({ rejected: credential });
    return { token: credential.secret.fingerprint(salt), isAtOnce: !(resolved instanceof Promise) };
  } catch (error) {
    return { code: error.code ?? "none", message: error.message, ...(error.hint && { hint: error.hint }) };
  }
}
`;

const ANSWER_ALL = `${ASK}
setInterval(() => undefined, 60_000);
flushCompileCache();
say("ready");
for (;;) {
  await nextSignal();
  nth++;
  say({ nth, outcome: await ask(JSON.parse(fs.readFileSync(args[0], "utf8"))) });
}`;

/** A process that asks when it is told to, as often as it is told to. Each time it knows no more than a new one. */
export interface Requester extends RunningProcess {
  /** Makes it ask; resolves with what became of it. Rejects where the process ended first. */
  ask(request: Ask): Promise<Outcome>;
  /** Resolves when it stands at its gate, after `ask` was called. */
  atGate(): Promise<void>;
  /** Resolves when it has begun to wait for the account's lock. */
  atLock(): Promise<void>;
  /** Lets it pass its gate. */
  pass(): void;
}

/** Processes that share what they have compiled, for fifty of them are started at once. */
export interface RequesterPool {
  start(count: number): Promise<readonly Requester[]>;
  /**
   * Kills all.
   *
   * @throws {Error} where one of them has said a token.
   */
  end(): Promise<void>;
}

/** What every token of these tests holds. */
const TOKEN = /test-refresh|test-access|eyJ/;

/** Longer than what waits for a lock, which is 45 s, and a machine that others use. */
const LONGEST_MS = 90_000;

/** Call `end` when done. */
export function createRequesterPool(): RequesterPool {
  const folder = mkdtempSync(join(tmpdir(), "openclaw-requesters-"));
  const started: Requester[] = [];
  let asked = 0;

  async function startOne(): Promise<Requester> {
    const askPath = join(folder, `ask-${asked++}.json`);
    const requester = await startRequester(ANSWER_ALL, askPath, { env: { NODE_COMPILE_CACHE: join(folder, "cache") } });
    started.push(requester);
    return requester;
  }

  return {
    async start(count) {
      // The first compiles for the others.
      const first = started.length === 0 ? [await startOne()] : [];
      return [...first, ...(await Promise.all(Array.from({ length: count - first.length }, startOne)))];
    },
    async end() {
      await Promise.all(started.map((requester) => requester.stop()));
      rmSync(folder, { recursive: true, force: true });
      for (const { stdout, stderr } of started) {
        if (TOKEN.test(stdout() + stderr())) throw new Error("a process has said a token");
      }
    },
  };
}

async function startRequester(script: string, askPath: string, options: ScriptOptions): Promise<Requester> {
  const running = await startScript(script, { ...options, args: [askPath] });
  let nth = 0;
  const said = (name: "outcome" | "at" | "waits") => running.waitForOutput(new RegExp(`^\\{"nth":${nth},"${name}":.*$`, "m"), LONGEST_MS);
  return {
    ...running,
    async ask(request) {
      writeFileSync(askPath, JSON.stringify(request));
      nth++;
      running.signal("SIGUSR2");
      const [line] = await said("outcome");
      return Object(JSON.parse(line)).outcome;
    },
    atGate: async () => void (await said("at")),
    atLock: async () => void (await said("waits")),
    pass: () => running.signal("SIGUSR2"),
  };
}
