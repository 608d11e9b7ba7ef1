import type { HomeSnapshot } from "@openclaw/home";
import type { InstalledService } from "./installed-service.ts";
import { probeHealth, type HealthAnswer } from "./probe-health.ts";
import type { ServiceFileState } from "./service-file.ts";
import type { ManagerProblem, ServiceState } from "./service-manager.ts";
import { servicePort } from "./service-port.ts";

/** `gateway status --json`. */
export interface ServiceReport {
  readonly version: 1;
  readonly manager: "systemd" | "launchd";
  readonly name: string;
  readonly path: string;
  readonly isInstalled: boolean;
  readonly file: ServiceFileState;
  /** `undefined` where the manager cannot be asked. */
  readonly service: ServiceState | undefined;
  readonly problem: ManagerProblem | undefined;
  readonly port: number | undefined;
  /** Whether a gateway answers there, the service or another. */
  readonly health: HealthAnswer;
  /** The state folder of the service, and of this shell where that is another. */
  readonly stateDir: string;
  readonly shellStateDir?: string;
  /** The unit that root has installed for the machine. */
  readonly machineUnit?: string;
  /** Whether its manager starts it, it runs, and what answers is a gateway. */
  readonly ok: boolean;
}

/** Looks at the service and at what answers on its port. */
export async function readServiceStatus(service: InstalledService, config: HomeSnapshot["config"]): Promise<ServiceReport> {
  const { manager, paths, settings, text, fileState, stateDir = paths.stateDir } = service;
  const isInstalled = text !== undefined;
  const port = servicePort(settings, config);
  const asked: Promise<HealthAnswer> = port === undefined ? Promise.resolve("silent") : probeHealth(port);
  const [health, problem] = await Promise.all([asked, manager.problem()]);
  const state = isInstalled && !problem ? await manager.state() : undefined;
  return {
    version: 1,
    manager: manager.kind,
    name: manager.name,
    path: manager.filePath,
    isInstalled,
    file: fileState,
    service: state,
    problem,
    port,
    health,
    stateDir,
    ...(service.host.machineUnit !== undefined && { machineUnit: service.host.machineUnit }),
    ...(stateDir !== paths.stateDir && { shellStateDir: paths.stateDir }),
    ok: health === "ok" && (state === undefined || state.isRunning),
  };
}
