import type { HomeSnapshot } from "@openclaw/home";
import type { Env } from "@openclaw/secrets";
import type { InstalledService } from "./installed-service.ts";
import { installNotes, type InstallOutcome } from "./install-service.ts";
import { lastLogLines } from "./last-log-lines.ts";
import type { ServiceSettings } from "./service-definition.ts";
import { unseenPlaces, unseenVariables, type UnseenVariable } from "./service-environment.ts";
import { probeHealth } from "./probe-health.ts";
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
  const port = servicePort(settings, home.config);
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
    port,
    unseenVariables: unseenVariables(home, env),
    unseenPlaces: unseenPlaces(env),
    notes: [
      ...(await portNotes(wasStarted ? port : undefined)),
      ...installNotes(service),
      ...(sessionNote === undefined ? [] : [sessionNote]),
    ],
    log: wasStarted ? await lastLogLines(manager) : [],
  };
}

/** Who is in the way of a service that did not start. */
async function portNotes(port: number | undefined): Promise<readonly string[]> {
  if (port === undefined) return [];
  const answer = await probeHealth(port);
  if (answer === "ok")
    return [
      `A gateway outside the service answers at port ${port}. Stop it where it was started: the service then takes its place by itself.`,
    ];
  return answer === "other" ? [`Port ${port} is taken by a program that is no gateway: choose another with --port.`] : [];
}
