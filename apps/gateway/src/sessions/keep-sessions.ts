import { join } from "node:path";
import type { Home } from "@openclaw/home";
import type { Health } from "@openclaw/key-rotation";
import { createLockFolder, hasSlept, type Clock } from "@openclaw/secrets";
import { GatewayError } from "../errors.ts";
import type { KeptPin } from "./kept-pin.ts";
import { createPinsFile, type KeptPins } from "./pins-file.ts";
import { createSessions, type PinnedSessions, type Sessions } from "./sessions.ts";

/** Pins are not kept, or not read: told once for as long as it stays the same. Those in memory hold. */
export interface SessionsNotKept {
  readonly type: "sessions-not-kept";
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

/** They are kept again, in a file that was told of. */
export interface SessionsKept {
  readonly type: "sessions-kept";
  readonly path: string;
}

/** What sessions are kept with. */
export interface KeepSessionsOptions {
  readonly home: Pick<Home, "current">;
  readonly health: Pick<Health, "forgetSession">;
  readonly clock: Clock;
  readonly onEvent: (event: SessionsNotKept | SessionsKept) => void;
  /** A bug of ours, or something nobody foresaw. */
  readonly onError: (error: Error) => void;
  readonly signal: AbortSignal;
}

/** Sessions whose pins outlive the gateway, in a file beside each agent's store of accounts. None of its calls throws. */
export interface KeptSessions {
  readonly sessions: Sessions;
  /** Takes over what other processes wrote. */
  sync(): Promise<void>;
  /** Keeps those of agents too that have come since. */
  extend(): Promise<void>;
  /** Writes what is not written yet, as far as that takes two seconds at most. */
  flush(): Promise<void>;
}

const FLUSH_MS = 2000;

/** Begins with the pins that were kept. */
export async function keepSessions(options: KeepSessionsOptions): Promise<KeptSessions> {
  const { home, health, clock } = options;
  const locks = createLockFolder(join(home.current.paths.stateDir, "locks"));
  const places = new Map<string, Place>();
  const sessions = createSessions({ clock, health, onPin: ({ agentId, id }) => places.get(agentId)?.note(id) });

  async function extend(): Promise<void> {
    const { agents } = home.current;
    const fresh = agents.ids.filter((id) => !places.has(id));
    for (const id of fresh) {
      const path = join(agents.find(id === agents.defaultId ? undefined : id).dir, "sessions.json");
      places.set(id, createPlace({ ...options, agentId: id, path, sessions, file: createPinsFile({ path, locks }) }));
    }
    await Promise.all(fresh.map((id) => places.get(id)?.sync()));
  }

  await extend();
  return {
    sessions,
    extend,
    async sync() {
      await Promise.all([...places.values()].map((place) => place.sync()));
    },
    async flush() {
      const done = new AbortController();
      const all = Promise.all([...places.values()].map((place) => place.flush()));
      await Promise.race([all, hasSlept(clock, FLUSH_MS, done.signal)]);
      done.abort();
    },
  };
}

interface Place {
  sync(): Promise<void>;
  /** The pin of a session is another. It is written as soon as the write before it is over. */
  note(id: string): void;
  flush(): Promise<void>;
}

interface PlaceOptions extends Omit<KeepSessionsOptions, "home" | "health"> {
  readonly agentId: string;
  readonly path: string;
  readonly sessions: PinnedSessions;
  readonly file: ReturnType<typeof createPinsFile>;
}

/** Twice as long after each failure. */
const RETRY_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;

function createPlace({ agentId, path, sessions, file, clock, onEvent, onError, signal }: PlaceOptions): Place {
  /** Sessions whose pin here is newer than the one in the file. */
  const newer = new Set<string>();
  let isKnown = false;
  let isRunning = false;
  let failures = 0;
  let told: string | undefined;
  let turn: Promise<unknown> = Promise.resolve();

  /** One after the other: what was read before a write must not be taken for what came after it. */
  function inTurn<T>(run: () => Promise<T>): Promise<T> {
    const mine = turn.then(run);
    turn = mine.catch(() => undefined);
    return mine;
  }

  function adopt(pins: KeptPins): void {
    const kept = new Map([...pins].map(([id, pin]) => [id, { ...pin, id, agentId, seenAt: undefined }]));
    sessions.adopt(agentId, kept, newer);
  }

  function fail(error: unknown): void {
    failures += 1;
    if (!(error instanceof GatewayError)) {
      onError(error instanceof Error ? error : new Error("sessions could not be kept"));
      return;
    }
    const { code, message, hint } = error;
    if (!isKnown) sessions.setProblem(agentId, error);
    if (told !== message) onEvent({ type: "sessions-not-kept", code, message, ...(hint !== undefined && { hint }) });
    told = message;
  }

  function succeed(): void {
    failures = 0;
    if (!isKnown) sessions.setProblem(agentId, undefined);
    isKnown = true;
    if (told !== undefined) onEvent({ type: "sessions-kept", path });
    told = undefined;
  }

  async function write(): Promise<void> {
    if (newer.size === 0) return;
    const changes = new Map([...newer].map((id) => [id, keptOf(sessions.get(id))]));
    newer.clear();
    try {
      adopt(await file.update(changes));
      succeed();
    } catch (error) {
      for (const id of changes.keys()) newer.add(id);
      fail(error);
    }
  }

  async function writeBehind(): Promise<void> {
    while (newer.size > 0 && (await isTime())) await inTurn(write);
    isRunning = false;
  }

  const isTime = () => failures === 0 || hasSlept(clock, Math.min(RETRY_MS * 2 ** failures, LONGEST_PAUSE_MS), signal);

  function note(id: string): void {
    newer.add(id);
    if (isRunning || signal.aborted) return;
    isRunning = true;
    void writeBehind();
  }

  return {
    note,
    flush: () => inTurn(write),
    sync: () =>
      inTurn(async () => {
        try {
          const pins = await file.readChanged();
          if (pins) adopt(pins);
        } catch (error) {
          fail(error);
          return;
        }
        // What could not be written meanwhile does not wait for its turn.
        if (told === undefined || newer.size === 0) succeed();
        else await write();
      }),
  };
}

function keptOf(session: ReturnType<Sessions["get"]>): KeptPin | undefined {
  const { pin, pinnedAt = 0, client = "" } = session ?? {};
  return pin && { pin, pinnedAt, client };
}
