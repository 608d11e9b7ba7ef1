import { readPrivateFile } from "@openclaw/secrets";
import type { HomePaths } from "@openclaw/home";
import type { CliContext } from "../context.ts";
import { CliError } from "../exit.ts";
import { createLaunchdManager } from "./launchd-manager.ts";
import { lastingNodePath } from "./node-path.ts";
import type { ServiceDefinition, ServiceSettings } from "./service-definition.ts";
import { serviceEnvironment } from "./service-environment.ts";
import { serviceFileState, type ServiceFileState } from "./service-file.ts";
import { currentHost, type ServiceHost } from "./service-host.ts";
import type { ServiceManager } from "./service-manager.ts";
import { createSystemdManager } from "./systemd-manager.ts";

/** The service as it is installed, and as it would be from here. */
export interface InstalledService {
  readonly host: ServiceHost;
  readonly manager: ServiceManager;
  readonly paths: HomePaths;
  /** Where its output goes when its manager keeps none. */
  readonly logPath: string;
  /** What the file holds; `undefined` where there is none. */
  readonly text: string | undefined;
  readonly fileState: ServiceFileState;
  /** What it was installed with, and is again unless flags say otherwise. */
  readonly settings: ServiceSettings;
  /** The state folder of the installed one. */
  readonly stateDir: string | undefined;
  readonly wanted: ServiceDefinition;
  readonly wantedText: string;
}

const MAX_BYTES = 64 * 1024;

/**
 * Looks for the service of this home. Starts nothing and writes nothing.
 *
 * @throws {CliError} with `--dev`, and on systems without a service manager that is known.
 */
export async function findService(
  context: Pick<CliContext, "env" | "isDev" | "paths">,
  flags: ServiceSettings = {},
  host: ServiceHost = currentHost(context.env),
): Promise<InstalledService> {
  if (context.isDev) throw new CliError("--dev is for trying things out: a service has a home of its own", "leave out --dev");
  const { env } = context;
  const paths = await context.paths();
  const logPath = `${paths.stateDir}/logs/gateway.log`;
  const manager = managerOf(host, env, paths.home, logPath);
  const file = await readPrivateFile(manager.filePath, { maxBytes: MAX_BYTES, followLink: true });
  const text = file?.toString("utf8");
  const { settings: installed, stateDir } = text === undefined ? { settings: {}, stateDir: undefined } : manager.read(text);
  const given = Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined));
  const settings: ServiceSettings = { ...installed, ...given };
  const wanted: ServiceDefinition = {
    nodePath: await lastingNodePath(host.nodePath, env["PATH"]),
    scriptPath: host.scriptPath,
    settings,
    environment: serviceEnvironment({ env, paths, userHome: host.userHome }),
    stateDir: paths.stateDir,
  };
  const wantedText = await manager.render(wanted);
  const fileState = serviceFileState(text, wantedText);
  return { host, manager, paths, logPath, text, fileState, settings, stateDir, wanted, wantedText };
}

function managerOf(host: ServiceHost, env: CliContext["env"], home: string, logPath: string): ServiceManager {
  if (host.platform === "linux") return createSystemdManager(host, env, home);
  if (host.platform === "darwin") return createLaunchdManager(host, home, logPath);
  throw new CliError(
    `No service manager is known for ${host.platform}: only systemd and launchd are`,
    "let what starts programs there run `openclaw gateway run`",
  );
}
