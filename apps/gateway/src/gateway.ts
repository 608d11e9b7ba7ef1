import { randomInt } from "node:crypto";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createHomeHealth, type Home, type HomeSnapshot } from "@openclaw/home";
import type { Health } from "@openclaw/key-rotation";
import { systemClock, type Clock, type ReloadReport } from "@openclaw/secrets";
import { createBillingCrossings } from "./billing-crossings.ts";
import { watchEventLoop } from "./event-loop.ts";
import { createEventLog } from "./event-log.ts";
import type { EventView } from "./event-view.ts";
import type { GatewayContext, GatewayEvent } from "./context.ts";
import { GatewayError } from "./errors.ts";
import { generatedTokenPath, type GatewayToken } from "./gateway-token.ts";
import { followHome } from "./follow-home.ts";
import { keepCooldowns, type KeptCooldowns } from "./keep-cooldowns.ts";
import { keepEntrance, type KeptEntrance } from "./keep-entrance.ts";
import { keepLogins } from "./keep-logins.ts";
import { createMetrics } from "./metrics.ts";
import { createReadiness } from "./readiness.ts";
import { createKnownSecrets } from "./known-secrets.ts";
import { createReload } from "./reload.ts";
import { createGatewayServer } from "./server.ts";
import { keepSessions, type KeptSessions } from "./sessions/keep-sessions.ts";
import { createSkippedFallbacks } from "./skipped-fallbacks.ts";
import { createUpstreamPools } from "./upstream-pools.ts";
import { watchAccounts } from "./watch-accounts.ts";

export interface GatewayOptions {
  readonly home: Home;
  readonly token: GatewayToken;
  /** Finds the token by another reading of the home. Once that is in effect, requests have to show this one. */
  readonly reloadToken?: (home: HomeSnapshot) => Promise<GatewayToken>;
  /** 0 takes any free port. */
  readonly port: number;
  /** `loopback` listens on 127.0.0.1, `lan` on every address. */
  readonly bind: "loopback" | "lan";
  readonly clock?: Clock;
  /** From 0 up to 1: spreads those who wait for the same moment. The system's unless given. */
  readonly random?: () => number;
  /** The view is the event as plain data without a secret, for a log. */
  readonly onEvent?: (event: GatewayEvent, view: EventView) => void;
  /** What `GET /api/v1/status` says. */
  readonly version?: string;
}

export interface Gateway {
  readonly port: number;
  /** Address for a client on this machine: `http://127.0.0.1:18789`. */
  readonly url: string;
  readonly health: Health;
  /** Reads the home again; when something is broken, what was there stays. @throws what `home.reload` throws. */
  reload(): Promise<ReloadReport>;
  /** Resolves the references in use again, and reads nothing else: for values that expire. */
  renew(): Promise<ReloadReport>;
  /** The same text without the secrets it knows. */
  redact(text: string): string;
  /**
   * Takes no new request, lets those under way finish for `graceMs` at most, then closes everything.
   *
   * @returns how many answers were cut off.
   */
  close(graceMs?: number): Promise<number>;
}

const SWEEP_MS = 50;

/**
 * Starts the gateway and resolves once it listens.
 *
 * @throws {GatewayError} `address-in-use`, `listen-failed`, `token-weak`, `token-unreadable`, `token-duplicate` or `client-invalid`.
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { home, bind } = options;
  let { token } = options;
  const clock = options.clock ?? systemClock;
  let isClosing = false;
  const health = createHomeHealth(home.current, { clock });
  const secrets = createKnownSecrets(token.secret, home.current);
  const events = createEventLog({ home, clock, redactor: secrets.redactor });
  const eventLoop = watchEventLoop();
  const seen = { home: () => home.current, health, clock, eventLoop, isClosing: () => isClosing };
  const readiness = createReadiness(seen);
  const version = options.version ?? "unknown";
  const metrics = createMetrics({ ...seen, readiness, version });
  function onEvent(event: GatewayEvent): void {
    const view = events.record(event);
    metrics.observe(event);
    readiness.observe(event);
    options.onEvent?.(event, view);
  }
  const ending = new AbortController();
  const { signal } = ending;
  const onError = (error: Error) => onEvent({ type: "internal", error });
  const doors = keepEntrance({ home, token, bind, port: options.port, clock, onEvent });
  const cooldowns = await keepCooldowns({ home, health, clock, onEvent, onError, signal });
  const kept = await keepSessions({ home, health, clock, onEvent, onError, signal });
  const pools = createUpstreamPools();

  const tokenOf = async (read: HomeSnapshot) => (await options.reloadToken?.(read)) ?? token;
  // A reading whose tokens nobody could go by is not taken over in part: it would be half of what was written.
  home.require(async (next) => doors.check(await tokenOf(next), next));
  let adopting: Promise<void> = Promise.resolve();
  // One after the other: a look-up that takes long must not bring back a token that was replaced meanwhile.
  const adoptToken = () => (adopting = adopting.then(adoptNext, adoptNext));
  async function adoptNext(): Promise<void> {
    const next = await tokenOf(home.current);
    doors.adopt(next, portOf(server.address()));
    if (!next.secret.equals(token.secret)) secrets.adoptToken(next.secret);
    token = next;
  }
  const { reload, renew, reloadAccounts } = createReload({ home, health, secrets, onEvent, adoptToken, cooldowns, sessions: kept });
  const billing = createBillingCrossings(clock, onEvent);
  const skipped = createSkippedFallbacks((event) => onEvent({ ...event, reason: secrets.redactor.text(event.reason) }));
  const context: GatewayContext = {
    home,
    health,
    pools,
    secrets,
    clock,
    random: options.random ?? systemRandom,
    sessions: kept.sessions,
    billing,
    skipped,
    reload,
    reloadAccounts,
    cooldowns,
    events,
    program: { version, startedAt: clock.now() },
    metrics,
    readiness,
    limits: doors.limits,
    onEvent,
    isClosing: () => isClosing,
  };
  const server = createGatewayServer({ context, doors });
  try {
    await listen(server, options.port, bind === "lan" ? "0.0.0.0" : "127.0.0.1");
  } catch (error) {
    ending.abort();
    doors.close();
    eventLoop.close();
    throw error;
  }
  const port = portOf(server.address());
  doors.adopt(token, port);
  // Also the one that counts once `gateway.auth.token` is taken away: what is wrong with it may be mended afterwards.
  const files = () => [token.path ?? generatedTokenPath(home.current)];
  await followHome({ home, files, reload, reloadAccounts, sync: () => syncAll(cooldowns, kept), onEvent, signal });
  const keeping = Promise.all([
    keepLogins({ home, clock, onEvent, onError, signal }),
    watchAccounts({ home, clock, signal, onError, onEvent: (event) => onEvent({ type: "account-state", event }) }),
  ]);
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    health,
    reload,
    renew,
    redact: (text) => secrets.redactor.text(text),
    async close(graceMs = 0) {
      isClosing = true;
      events.close();
      const cut = await drain(server, doors, graceMs);
      doors.close();
      await Promise.all([cooldowns.flush({ isLast: true }), kept.flush()]);
      ending.abort();
      await keeping;
      await pools.close();
      eventLoop.close();
      return cut;
    },
  };
}

/** Takes over what others wrote. Whether some of it is of the use of accounts. */
async function syncAll(cooldowns: KeptCooldowns, sessions: KeptSessions): Promise<boolean> {
  const [isNew] = await Promise.all([cooldowns.sync(), sessions.sync()]);
  return isNew;
}

function systemRandom(): number {
  return randomInt(2 ** 32) / 2 ** 32;
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => {
      const code = "code" in error ? String(error.code) : "unknown";
      reject(
        code === "EADDRINUSE"
          ? new GatewayError("address-in-use", `Port ${port} on ${host} is in use`, {
              hint: "choose another with --port, or stop what listens there",
            })
          : new GatewayError("listen-failed", `Cannot listen on ${host}:${port} (${code})`, { hint: "choose another with --port" }),
      );
    });
    server.listen({ port, host }, resolve);
  });
}

function drain(server: Server, { entrance, underWay }: Pick<KeptEntrance, "entrance" | "underWay">, graceMs: number): Promise<number> {
  return new Promise((resolve) => {
    let cutOff = 0;
    // A connection that becomes idle after `close()` is kept alive by Node, as is one that is opened ahead of need: they would use up the whole grace.
    const sweep = setInterval(() => entrance.closeUnused(), SWEEP_MS);
    const cut = setTimeout(() => {
      cutOff = underWay();
      server.closeAllConnections();
    }, graceMs);
    server.close(() => {
      clearInterval(sweep);
      clearTimeout(cut);
      resolve(cutOff);
    });
  });
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === "object" && address !== null ? address.port : 0;
}
