import { printable } from "../io.ts";
import type { ServiceReport } from "../service/service-status.ts";
import type { ServiceState } from "../service/service-manager.ts";
import { formatSpan } from "./span.ts";

const files = {
  absent: "not there",
  current: "as install would write it",
  outdated: "of another version or other settings: openclaw gateway install renews it",
  edited: "changed by hand",
} as const;

/** `gateway status` for people. */
export function renderServiceStatus(report: ServiceReport, display: (path: string) => string, now: number): string {
  const { isInstalled, file, service, problem, port, health, shellStateDir } = report;
  return [
    line("Service", isInstalled ? serviceText(report, now) : absentText(report)),
    ...(isInstalled ? [line("File", `${display(report.path)}, ${files[file]}`)] : []),
    ...(service?.isStale
      ? [line("", "systemd goes by what it said before: systemctl --user daemon-reload, then openclaw gateway restart")]
      : []),
    ...(service?.dropIns ?? []).map((path) => line("Drop-in", display(path))),
    ...(service?.statusText === undefined ? [] : [line("It says", service.statusText)]),
    ...(service === undefined ? [] : exitLines(service)),
    line("Address", port === undefined ? "another port at each start (gateway.port is 0)" : addressText(report, port)),
    line("Home", display(report.stateDir)),
    ...(shellStateDir === undefined ? [] : [line("", `this shell means another one: ${display(shellStateDir)}`)]),
    ...(problem && (isInstalled || health !== "ok")
      ? ["", `${problem.message}. ${problem.advice}`, ...problem.commands.map((command) => `  ${command}`)]
      : []),
  ].join("\n");
}

function absentText({ machineUnit, problem }: ServiceReport): string {
  if (machineUnit !== undefined) return `of the machine, ${machineUnit}: systemctl status openclaw-gateway`;
  return problem ? "not installed" : "not installed (openclaw gateway install)";
}

function serviceText({ service, name }: ServiceReport, now: number): string {
  if (service === undefined) return `${name}, and nobody to ask about it`;
  const { isRunning, isEnabled, pid, since, state } = service;
  const running = isRunning ? (since === undefined ? state : `running for ${formatSpan(now - since)}`) : `NOT RUNNING, ${words(state)}`;
  return [running, ...(pid === undefined ? [] : [`pid ${pid}`]), isEnabled ? "enabled" : "not enabled"].join(", ");
}

/** systemd's words for a service that fails and is started over and over. */
function words(state: string): string {
  return state === "activating (auto-restart)" ? "it fails and is tried again and again" : state;
}

function exitLines({ lastExit, restarts }: ServiceState): readonly string[] {
  const times = restarts === undefined ? "" : `started again ${restarts === 1 ? "once" : `${restarts} times`}`;
  if (lastExit === undefined) return times === "" ? [] : [line("Last end", times)];
  return [line("Last end", [lastExit, ...(times === "" ? [] : [times])].join(", "))];
}

function addressText({ health, service, isInstalled, machineUnit }: ServiceReport, port: number): string {
  const url = `http://127.0.0.1:${port}`;
  if (health === "silent") return `${url}, nobody answers`;
  if (health === "other") return `${url}, TAKEN by a program that is no gateway`;
  const isOther = isInstalled ? service !== undefined && !service.isRunning : machineUnit === undefined;
  return isOther ? `${url} answers: a gateway that runs outside the service` : `${url} answers`;
}

function line(label: string, value: string): string {
  return `${label.padEnd(9)}${label === "" ? " " : ":"} ${printable(value)}`;
}
