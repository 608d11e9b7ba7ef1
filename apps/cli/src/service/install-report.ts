import type { HomeSnapshot } from "@openclaw/home";
import type { Env } from "@openclaw/secrets";
import type { InstalledService } from "./installed-service.ts";
import { installNotes, type InstallOutcome } from "./install-service.ts";
import { lastLogLines } from "./last-log-lines.ts";
import type { ServiceSettings } from "./service-definition.ts";
import { unseenPlaces, unseenVariables, type UnseenVariable } from "./service-environment.ts";
import { servicePort } from "./service-port.ts";

/** `gateway install --json`. */
export interface InstallReport extends InstallOutcome {
  readonly version: 1;
  readonly manager: "systemd" | "launchd";
  readonly name: string;
  readonly path: string;
  readonly settings: ServiceSettings;
  readonly stateDir: string;
  readonly envFile: string;
  readonly port: number | undefined;
  readonly unseenVariables: readonly UnseenVariable[];
  /** Variables of this shell that choose where accounts are, and do not reach the service. */
  readonly unseenPlaces: readonly string[];
  readonly notes: readonly string[];
  /** What the gateway said before it failed. */
  readonly log: readonly string[];
}

/** What a report is made of. */
export interface InstallFacts {
  readonly service: InstalledService;
  readonly outcome: InstallOutcome;
  readonly home: HomeSnapshot;
  readonly env: Env;
}

/** Puts together what a person should know after an installation. */
export async function createInstallReport({ service, outcome, home, env }: InstallFacts): Promise<InstallReport> {
  const { manager, paths, settings } = service;
  const sessionNote = outcome.isEnabled ? await manager.sessionNote() : undefined;
  const wasStarted = outcome.start === "failed" && outcome.isEnabled;
  return {
    version: 1,
    manager: manager.kind,
    name: manager.name,
    path: manager.filePath,
    ...outcome,
    settings,
    stateDir: paths.stateDir,
    envFile: paths.envFile,
    port: servicePort(settings, home.config),
    unseenVariables: unseenVariables(home, env),
    unseenPlaces: unseenPlaces(env),
    notes: [...installNotes(service), ...(sessionNote === undefined ? [] : [sessionNote])],
    log: wasStarted ? await lastLogLines(manager) : [],
  };
}
