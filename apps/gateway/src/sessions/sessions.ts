import type { Health } from "@openclaw/key-rotation";
import type { Clock } from "@openclaw/secrets";
import { isSamePin, type Session, type SessionPin } from "./session-pin.ts";

/** The sessions of clients, and where they are pinned to. */
export interface Sessions {
  /** A request belongs to it. @throws {GatewayError} `sessions-unreadable` where its pin is not known. */
  see(id: string, owner: Pick<Session, "agentId" | "client">): Session;
  get(id: string): Session | undefined;
  /** Those that are pinned, and ten thousand at least of those seen last. */
  list(): readonly Session[];
  /** Its next requests go there; `undefined` where there is no such session. */
  pin(id: string, pin: SessionPin): Session | undefined;
  /** Takes the pin away. Whether there was one. */
  unpin(id: string): boolean;
  /** Takes the pin away and lets it begin anew, with whichever credential comes first. Whether there is such a session. */
  clear(id: string): boolean;
}

/** Pins as they are kept, for who keeps them. */
export interface PinnedSessions extends Sessions {
  /** The pins of an agent are these. What is in `newer` stays as it is. */
  adopt(agentId: string, pins: ReadonlyMap<string, PinnedSession>, newer: ReadonlySet<string>): void;
  /** Why the pins of an agent are not known, where that is so: its sessions are refused until they are. */
  setProblem(agentId: string, problem: Error | undefined): void;
}

/** A session that is pinned. */
interface PinnedSession extends Session {
  readonly pin: SessionPin;
  readonly pinnedAt: number;
}

/** What sessions are made of. */
export interface SessionsOptions {
  readonly clock: Pick<Clock, "now">;
  readonly health: Pick<Health, "forgetSession">;
  /** The pin of a session is another, or gone. */
  readonly onPin: (session: Session) => void;
}

/** Of one client and agent. Where there are more, the one that was made first gives way. */
const MOST_PINS = 1000;

/** So many sessions at least are remembered that are not pinned, and twice as many at most. */
const FEWEST_SEEN = 10_000;

type Known = { -readonly [Name in keyof Session]: Session[Name] };

/** Sessions in memory. */
export function createSessions({ clock, health, onPin }: SessionsOptions): PinnedSessions {
  const pinned = new Map<string, Known>();
  const problems = new Map<string, Error>();
  // In two halves, of which the older one is dropped whole: a map that is always emptied at its front gets slow.
  let recent = new Map<string, Known>();
  let older = new Map<string, Known>();

  const find = (id: string) => recent.get(id) ?? pinned.get(id) ?? older.get(id);

  function remember(known: Known): void {
    recent.set(known.id, known);
    if (recent.size < FEWEST_SEEN) return;
    older = recent;
    recent = new Map();
  }

  function setPin(known: Known, pin: SessionPin | undefined, pinnedAt: number | undefined): void {
    known.pin = pin;
    known.pinnedAt = pinnedAt;
    pinned.delete(known.id);
    if (pin) pinned.set(known.id, known);
    // Whoever takes a pin away may want to look at what is left.
    else if (find(known.id) === undefined) remember(known);
  }

  function unpin(known: Known): void {
    setPin(known, undefined, undefined);
    onPin(known);
  }

  function makeRoom({ agentId, client }: Session): void {
    const own = [...pinned.values()].filter((each) => each.agentId === agentId && each.client === client);
    if (own.length <= MOST_PINS) return;
    own.sort((left, right) => (left.pinnedAt ?? 0) - (right.pinnedAt ?? 0));
    for (const each of own.slice(0, own.length - MOST_PINS)) unpin(each);
  }

  return {
    see(id, { agentId, client }) {
      if (problems.size > 0) throwProblem(problems.get(agentId));
      let known = recent.get(id);
      if (!known) {
        known = find(id) ?? { id, agentId, client, seenAt: undefined, pin: undefined, pinnedAt: undefined };
        remember(known);
      }
      known.seenAt = clock.now();
      return known;
    },
    get: find,
    list: () => [...new Map([...older, ...recent, ...pinned]).values()].map((known) => ({ ...known })),
    pin(id, pin) {
      const known = find(id);
      if (!known) return undefined;
      setPin(known, pin, clock.now());
      onPin(known);
      makeRoom(known);
      return known;
    },
    unpin(id) {
      const known = pinned.get(id);
      if (known) unpin(known);
      return known !== undefined;
    },
    clear(id) {
      const known = find(id);
      if (!known) return false;
      if (known.pin) unpin(known);
      health.forgetSession(id);
      return true;
    },
    adopt(agentId, pins, newer) {
      for (const known of pinned.values()) {
        if (known.agentId === agentId && !newer.has(known.id) && !pins.has(known.id)) setPin(known, undefined, undefined);
      }
      for (const [id, kept] of pins) {
        if (newer.has(id)) continue;
        const known = find(id) ?? { ...kept };
        if (!isSamePin(known.pin, kept.pin) || !pinned.has(id)) setPin(known, kept.pin, kept.pinnedAt);
      }
    },
    setProblem(agentId, problem) {
      if (problem) problems.set(agentId, problem);
      else problems.delete(agentId);
    },
  };
}

function throwProblem(problem: Error | undefined): void {
  if (problem) throw problem;
}
