/** Flags of `gateway run` that a service is installed with. */
export interface ServiceSettings {
  readonly port?: number | undefined;
  readonly bind?: "loopback" | "lan" | undefined;
  /** Absolute. */
  readonly tokenFile?: string | undefined;
  readonly drainSeconds?: number | undefined;
}

/** What a service runs, and with what. Holds paths and no secret. */
export interface ServiceDefinition {
  /** Absolute paths of Node and of the program's entry. */
  readonly nodePath: string;
  readonly scriptPath: string;
  readonly settings: ServiceSettings;
  /** Where the files are: `OPENCLAW_*` and nothing else. */
  readonly environment: Readonly<Record<string, string>>;
  /** The one folder it writes to. */
  readonly stateDir: string;
}

/** How long requests under way may take when the gateway is asked to stop, unless `--drain-seconds` says otherwise. */
export const DEFAULT_DRAIN_SECONDS = 10;
/** On top of that: for what is written at the end, before a supervisor kills. */
const ENDING_SECONDS = 10;

/** The command line of the service, Node first. */
export function commandOf({ nodePath, scriptPath, settings }: ServiceDefinition): readonly string[] {
  const { port, bind, tokenFile, drainSeconds } = settings;
  return [
    nodePath,
    scriptPath,
    "gateway",
    "run",
    ...(port === undefined ? [] : ["--port", String(port)]),
    ...(bind === undefined ? [] : ["--bind", bind]),
    ...(tokenFile === undefined ? [] : ["--token-file", tokenFile]),
    ...(drainSeconds === undefined ? [] : ["--drain-seconds", String(drainSeconds)]),
  ];
}

/** The settings in a command line that {@link commandOf} made. */
export function settingsIn(command: readonly string[]): ServiceSettings {
  const valueOf = (flag: string) => {
    const at = command.indexOf(flag, 4);
    return at < 0 ? undefined : command[at + 1];
  };
  const [port, bind, drain] = [valueOf("--port"), valueOf("--bind"), valueOf("--drain-seconds")];
  return {
    port: port === undefined ? undefined : Number(port),
    bind: bind === "loopback" || bind === "lan" ? bind : undefined,
    tokenFile: valueOf("--token-file"),
    drainSeconds: drain === undefined ? undefined : Number(drain),
  };
}

/** How long a supervisor waits for the end before it kills. */
export function stopSeconds({ drainSeconds = DEFAULT_DRAIN_SECONDS }: ServiceSettings): number {
  return drainSeconds + ENDING_SECONDS;
}
