import { randomInt } from "node:crypto";
import {
  GatewayError,
  loadGatewayToken,
  startGateway,
  startSandboxProvider,
  type EventView,
  type Gateway,
  type GatewayEvent,
  type GatewayOptions,
} from "@openclaw/gateway";
import { ensureFingerprintSalt, finishFileTransaction, HomeError, readConfig, type Home } from "@openclaw/home";
import { renewSecrets, SecretsError, systemClock, type Secret } from "@openclaw/secrets";
import type { GatewayFlags } from "./commands/gateway/run.ts";
import type { CliContext } from "./context.ts";
import type { ExitCode } from "./exit.ts";
import { DEFAULT_GATEWAY_PORT } from "./gateway-address.ts";
import { createGatewayLog } from "./gateway-log.ts";
import { printable, type Io } from "./io.ts";
import { logSettings } from "./log-settings.ts";
import { renderStatus } from "./render/status.ts";
import { requireLocalMode } from "./service/local-mode.ts";
import { createNotices } from "./service/notices.ts";
import { reloadOnHangup } from "./service/reload-on-hangup.ts";
import { createRestartNotes } from "./service/restart-notes.ts";
import { DEFAULT_DRAIN_SECONDS } from "./service/service-definition.ts";
import { findSystemProgram } from "./service/service-programs.ts";
import { createStatusReport } from "./status-report.ts";
import { writeTryOut } from "./try-out.ts";
import { readVersion } from "./version.ts";

/** How many ports after a taken one are tried with `--dev`. */
const PORT_TRIES = 20;
/** How long a reader may take for the last lines. */
const UNREAD_MS = 2_000;

/** Runs the gateway in this process until it is asked to stop. */
export async function serveGateway(context: CliContext, flags: GatewayFlags): Promise<ExitCode> {
  context.harden();
  let gateway: Gateway | undefined;
  const ending = new AbortController();
  const { drainSeconds = DEFAULT_DRAIN_SECONDS } = flags;
  const terminalGone = Promise.withResolvers<NodeJS.Signals>();
  const stopped = Promise.race([context.interrupted(), terminalGone.promise]);
  void stopped.then(() => ending.abort());
  const log = createGatewayLog({
    ...(await logSettings(context, flags)),
    io: context.io,
    now: () => context.clock.now(),
    backlog: () => context.output.backlog(),
    redact: (text) => gateway?.redact(text) ?? text,
  });
  const { io } = log;
  const notices = createNotices({
    supervisor: context.supervisor,
    programPath: findSystemProgram("systemd-notify"),
    clock: systemClock,
    onError: (message) => io.err(message),
  });
  context.onHangup((isTerminalGone) => {
    if (isTerminalGone) terminalGone.resolve("SIGHUP");
    else if (gateway && !ending.signal.aborted) void reloadOnHangup({ gateway, notices, io, clock: context.clock });
  });
  const sandbox = context.isDev ? await startSandboxProvider() : undefined;
  try {
    await prepare(context, flags, io);
    const home = await context.home({
      use: "gateway",
      signal: ending.signal,
      ...(flags.tokenFile !== undefined && { replaced: { "gateway.auth.token": "--token-file is given" } }),
      startBackoff: { random, onStampError: (error) => io.err(`${error.message}: starts are not spaced out.`) },
      ...(sandbox && { trial: { sandboxUrl: sandbox.url } }),
    });
    for (const warning of warningsOf(home)) io.err(warning);
    const { tokenFile } = flags;
    const findToken = (generate: boolean, snapshot = home.current) =>
      loadGatewayToken({ snapshot, generate, ...(tokenFile !== undefined && { tokenFile }) });
    const token = await findToken(true);
    const bind = flags.bind ?? bindOf(home);
    const restartNote = createRestartNotes(home.current.config.gateway, decidedByFlags(flags));
    gateway = await listen(context.isDev, io, {
      home,
      token,
      reloadToken: (read) => findToken(false, read),
      port: flags.port ?? home.current.config.gateway?.port ?? DEFAULT_GATEWAY_PORT,
      bind,
      random,
      version: readVersion(),
      onEvent: (event: GatewayEvent, view: EventView) => {
        if (event.type === "secrets") void context.learn(home.current);
        log.event(event, view);
        const note = event.type === "secrets" ? restartNote(home.current.config.gateway) : undefined;
        if (note !== undefined) io.err(note);
      },
    });
    log.say("started", `Gateway: ${gateway.url}`, { url: gateway.url, bind });
    notices.ready(`Serving at ${gateway.url}`);
    const renewal = keepFresh(home, gateway, ending.signal, io);
    if (context.isDev) await introduce({ context, io, home, gateway, token: token.secret });
    else {
      io.out(`Token: ${token.origin} (openclaw gateway token prints it)`);
      for (const line of unusableLines(home, context.clock.now())) io.err(line);
    }
    if (bind === "lan") io.out("Other machines reach it at this machine's address. The connection is not encrypted.");
    const signal = await stopped;
    notices.stopping(`Stopping, within ${drainSeconds} s`);
    log.say(
      "stopping",
      `${signal}: stopping once the requests under way are done, in ${drainSeconds} s at the latest. Again to stop at once.`,
      { signal, drainSeconds },
    );
    const cut = await gateway.close(drainSeconds * 1000);
    if (cut > 0)
      io.err(`${cut} ${cut === 1 ? "answer was" : "answers were"} not whole after ${drainSeconds} s and cut off (--drain-seconds).`);
    await renewal;
    return 0;
  } catch (error) {
    await gateway?.close();
    // Stopped before it began: nothing is left to be said.
    if (ending.signal.aborted) return 130;
    throw error;
  } finally {
    ending.abort();
    context.output.abandonAfter(UNREAD_MS);
    await sandbox?.close();
    await notices.close();
  }
}

/** Renews secrets before they expire, by way of the gateway, so that everything in it learns of them. */
function keepFresh(home: Home, gateway: Gateway, signal: AbortSignal, io: Io): Promise<void> {
  const snapshot = {
    get current() {
      return home.current.secrets;
    },
    reload: () => gateway.renew(),
  };
  const onError = (error: unknown) => io.err(`Secrets were not renewed: ${error instanceof Error ? error.message : "unknown"}`);
  return renewSecrets({ snapshot, random, onError, signal });
}

/** What the home has to say, and how its references fared. */
function warningsOf(home: Home): readonly string[] {
  const diagnostics = home.report.diagnostics.map(({ code, message }) => `${code}: ${message}`);
  return [...home.current.warnings.map((warning) => `Warning: ${warning}`), ...diagnostics].map(printable);
}

function random(): number {
  return randomInt(2 ** 32) / 2 ** 32;
}

/** What requests ask first, and have nothing for: a gateway that serves nothing looks like any other. */
function unusableLines(home: Home, now: number): readonly string[] {
  return createStatusReport(home, { now }).auth.unusableInUse.map(({ name, reason, hint }) =>
    printable(`In use, but cannot work: ${name}: ${reason}${hint === undefined ? "" : `; ${hint}`}`),
  );
}

/** Settings of `gateway` that do not count in this run. */
function decidedByFlags({ allowUnconfigured, port, bind, logFormat, logLevel }: GatewayFlags): readonly string[] {
  const decided = { mode: allowUnconfigured, port, bind, log: logFormat && logLevel };
  return Object.entries(decided).flatMap(([name, flag]) => (flag === undefined || flag === false ? [] : [name]));
}

/** What comes before the accounts are opened: nothing is run for a gateway that will not start. */
async function prepare({ paths: find }: CliContext, flags: GatewayFlags, io: Io): Promise<void> {
  const paths = await find();
  const { outcome, paths: files } = await finishFileTransaction(paths.stateDir);
  if (outcome !== "none") io.err(`An interrupted change was ${outcome}: ${files.map((file) => paths.display(file)).join(", ")}`);
  const { gateway } = await readConfig(paths.configPath);
  if (!flags.allowUnconfigured) {
    requireLocalMode({ gateway }, paths.display(paths.configPath), "The gateway does not start", ", or pass --allow-unconfigured");
  }
  try {
    await ensureFingerprintSalt(paths.stateDir);
  } catch (error) {
    // Fingerprints that stay the same want a file. In a state folder that cannot be written they do without.
    if (!(error instanceof SecretsError)) throw error;
    io.err(`${error.message}: going on without a file for fingerprints.`);
  }
}

function bindOf(home: Home): "loopback" | "lan" {
  const bind = home.current.config.gateway?.bind ?? "loopback";
  if (bind === "loopback" || bind === "lan") return bind;
  throw new HomeError("config-invalid", `gateway.bind: "${bind}" is not supported`, { hint: 'use "loopback" or "lan"' });
}

/** With `--dev` a taken port is no obstacle: the next free one does as well. */
async function listen(isDev: boolean, io: Io, options: GatewayOptions): Promise<Gateway> {
  const last = isDev && options.port !== 0 ? Math.min(options.port + PORT_TRIES, 65_535) : options.port;
  for (let port = options.port; ; port += 1) {
    try {
      const gateway = await startGateway({ ...options, port });
      if (port !== options.port) io.err(`Port ${options.port} is in use by another program; using ${port} instead.`);
      return gateway;
    } catch (error) {
      if (!(error instanceof GatewayError && error.code === "address-in-use" && port < last)) throw error;
    }
  }
}

interface Introduction {
  readonly context: CliContext;
  readonly io: Io;
  readonly home: Home;
  readonly gateway: Gateway;
  readonly token: Secret;
}

async function introduce({ context: { clock }, io, home, gateway, token }: Introduction): Promise<void> {
  io.out(`\n${renderStatus(createStatusReport(home, { now: clock.now() }), home.current.paths.display)}`);
  const command = await writeTryOut({ home, url: gateway.url, token });
  if (command === undefined) return;
  io.out(`\nTry it from another terminal (the header file holds the token, so it is not on screen):\n\n${command}\n`);
  io.out("Rotations appear below as they happen. Ctrl-C stops the gateway.");
}
