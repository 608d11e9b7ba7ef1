import {
  GatewayError,
  loadGatewayToken,
  startGateway,
  startSandboxProvider,
  type Gateway,
  type GatewayEvent,
  type GatewayOptions,
} from "@openclaw/gateway";
import { ensureFingerprintSalt, HomeError, type Home } from "@openclaw/home";
import { SecretsError, type Secret } from "@openclaw/secrets";
import type { GatewayFlags } from "./commands/gateway/run.ts";
import type { CliContext } from "./context.ts";
import { CliError, type ExitCode } from "./exit.ts";
import type { Io } from "./io.ts";
import { renderGatewayEvent } from "./render/gateway-event.ts";
import { renderStatus } from "./render/status.ts";
import { createStatusReport } from "./status-report.ts";
import { writeTryOut } from "./try-out.ts";

const DEFAULT_PORT = 18_789;
/** How many ports after a taken one are tried with `--dev`. */
const PORT_TRIES = 20;
/** How long requests under way may take after the gateway was asked to stop. */
const GRACE_MS = 10_000;

/** Runs the gateway in this process until it is asked to stop. */
export async function serveGateway(context: CliContext, flags: GatewayFlags): Promise<ExitCode> {
  const { io } = context;
  const sandbox = context.isDev ? await startSandboxProvider() : undefined;
  try {
    const home = await context.home(sandbox && { sandboxUrl: sandbox.url });
    requireMode(home, flags);
    await keepSalt(home, io);
    const token = await loadGatewayToken({
      snapshot: home.current,
      generate: true,
      ...(flags.tokenFile !== undefined && { tokenFile: flags.tokenFile }),
    });
    const bind = flags.bind ?? bindOf(home);
    const stopped = context.interrupted();
    const gateway = await listen(context, {
      home,
      token,
      port: flags.port ?? home.current.config.gateway?.port ?? DEFAULT_PORT,
      bind,
      onEvent: (event: GatewayEvent) => io.out(renderGatewayEvent(event, new Date(context.clock.now()))),
    });
    io.out(`Gateway: ${gateway.url}`);
    if (context.isDev) await introduce(context, home, gateway, token.secret);
    else io.out(`Token: ${token.origin} (openclaw gateway token prints it)`);
    if (bind === "lan") io.out("Other machines reach it at this machine's address. The connection is not encrypted.");
    const signal = await stopped;
    io.err(`${signal}: stopping once the requests under way are done, in ${GRACE_MS / 1000} s at the latest. Again to stop at once.`);
    await gateway.close(GRACE_MS);
    return 0;
  } finally {
    await sandbox?.close();
  }
}

/** Fingerprints that stay the same want a file. In a state folder that cannot be written they do without. */
async function keepSalt(home: Home, io: Io): Promise<void> {
  try {
    await ensureFingerprintSalt(home.current.paths.stateDir);
    await home.reload();
  } catch (error) {
    if (!(error instanceof SecretsError)) throw error;
    io.err(`${error.message}: going on without a file for fingerprints.`);
  }
}

function requireMode(home: Home, flags: GatewayFlags): void {
  const { config, paths } = home.current;
  if (flags.allowUnconfigured || config.gateway?.mode === "local") return;
  const is = config.gateway?.mode === undefined ? "is not set" : `is "${config.gateway.mode}"`;
  throw new CliError(
    `The gateway does not start: gateway.mode ${is} in ${paths.display(paths.configPath)}, and must be "local"`,
    'set gateway.mode to "local" there, or pass --allow-unconfigured',
  );
}

function bindOf(home: Home): "loopback" | "lan" {
  const bind = home.current.config.gateway?.bind ?? "loopback";
  if (bind === "loopback" || bind === "lan") return bind;
  throw new HomeError("config-invalid", `gateway.bind: "${bind}" is not supported`, { hint: 'use "loopback" or "lan"' });
}

/** With `--dev` a taken port is no obstacle: the next free one does as well. */
async function listen(context: CliContext, options: GatewayOptions): Promise<Gateway> {
  const last = context.isDev && options.port !== 0 ? Math.min(options.port + PORT_TRIES, 65_535) : options.port;
  for (let port = options.port; ; port += 1) {
    try {
      const gateway = await startGateway({ ...options, port });
      if (port !== options.port) context.io.err(`Port ${options.port} is in use by another program; using ${port} instead.`);
      return gateway;
    } catch (error) {
      if (!(error instanceof GatewayError && error.code === "address-in-use" && port < last)) throw error;
    }
  }
}

async function introduce(context: CliContext, home: Home, gateway: Gateway, token: Secret): Promise<void> {
  const { io, clock } = context;
  io.out(`\n${renderStatus(createStatusReport(home, { now: clock.now() }), home.current.paths.display)}`);
  const command = await writeTryOut({ home, url: gateway.url, token });
  if (command === undefined) return;
  io.out(`\nTry it from another terminal (the header file holds the token, so it is not on screen):\n\n${command}\n`);
  io.out("Rotations appear below as they happen. Ctrl-C stops the gateway.");
}
