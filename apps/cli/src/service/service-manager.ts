import type { ServiceDefinition, ServiceSettings } from "./service-definition.ts";

/** How a service stands with its manager. */
export interface ServiceState {
  readonly isEnabled: boolean;
  /** Whether there is a process, also while it starts or is stopped. */
  readonly isRunning: boolean;
  /** In the manager's own words: `active (running)`, `activating (auto-restart)`. */
  readonly state: string;
  readonly pid?: number;
  /** Since when it runs. */
  readonly since?: number;
  /** What it says of itself. */
  readonly statusText?: string;
  /** How it last ended: `exit code 1`, `killed by SIGKILL`, `watchdog`. */
  readonly lastExit?: string;
  /** How often it was started again since it was told to start. */
  readonly restarts?: number;
  /** The manager goes by an older file than the one that is there. */
  readonly isStale?: boolean;
  /** Files that change parts of it. */
  readonly dropIns?: readonly string[];
}

/** What keeps a service manager from doing anything. */
export interface ManagerProblem {
  readonly message: string;
  /** What to do about it, and what to type for that. */
  readonly advice: string;
  readonly commands: readonly string[];
}

/** What became of a request to the manager. */
export type ManagerAnswer = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/** What starts services and keeps them running: systemd for a user, or launchd. */
export interface ServiceManager {
  readonly kind: "systemd" | "launchd";
  /** `openclaw-gateway.service` */
  readonly name: string;
  /** The file that describes the service. */
  readonly filePath: string;
  /** What the file is to say. */
  render(definition: ServiceDefinition): Promise<string>;
  /** What a file that `gateway install` wrote was made with. */
  read(text: string): { readonly settings: ServiceSettings; readonly stateDir: string | undefined };
  /** Why it cannot be spoken to here; `undefined` where it can. */
  problem(): Promise<ManagerProblem | undefined>;
  state(): Promise<ServiceState>;
  /** Lets it start the service at every boot or login, from the file as it is now. */
  enable(): Promise<ManagerAnswer>;
  /** The opposite of {@link enable}. */
  disable(): Promise<ManagerAnswer>;
  /** After its file was removed. */
  forget(): Promise<void>;
  /** Resolves once it serves, or has failed to. */
  start(): Promise<ManagerAnswer>;
  /** Resolves once it has ended. */
  stop(): Promise<ManagerAnswer>;
  restart(): Promise<ManagerAnswer>;
  /** Why it may end with the person's session, and what to type. */
  sessionNote(): Promise<string | undefined>;
  /** Its last lines, and with `follow` those to come. */
  logs(options: LogOptions): Promise<ManagerAnswer>;
}

/** Which lines of a log are wanted. */
interface LogOptions {
  readonly lines: number;
  readonly follow: boolean;
  /** As the gateway wrote them, without what the manager puts in front. */
  readonly isPlain: boolean;
  readonly onLine: (line: string) => void;
  readonly signal: AbortSignal;
}
