import { printable } from "../io.ts";
import type { InstallReport } from "../service/install-report.ts";
import type { UnseenVariable } from "../service/service-environment.ts";

/** What to do with a unit for the machine's own systemd. */
export const systemUnitSteps: string = [
  "To install it, as root:",
  "  openclaw gateway install --system --print | sudo tee /etc/systemd/system/openclaw-gateway.service",
  "  sudo systemctl daemon-reload && sudo systemctl enable --now openclaw-gateway",
].join("\n");

const files = { created: "written", updated: "written anew", unchanged: "as it was" } as const;
const starts = {
  ready: "started, and it serves",
  restarted: "started again with what is new, and it serves",
  "already-running": "runs already",
  "not-asked": "not started",
} as const;

/** `gateway install` for people. */
export function renderInstall(report: InstallReport, display: (path: string) => string): string {
  const { start, reason, problem, port, log, notes, unseenPlaces } = report;
  return [
    line("File", `${display(report.path)}, ${files[report.file]}`),
    line("Service", start === "failed" ? `NOT RUNNING: ${reason}` : `${report.name}, ${starts[start]}`),
    ...(start === "failed" || port === undefined ? [] : [line("Address", `http://127.0.0.1:${port}`)]),
    ...log.map((text) => `    ${printable(text)}`),
    ...nextSteps(report),
    ...(problem ? ["", problem.advice, ...problem.commands.map((command) => `  ${command}`)] : []),
    ...missing(report, display),
    ...(unseenPlaces.length === 0
      ? []
      : ["", `${unseenPlaces.join(", ")} of this shell does not reach the service: it uses the folders of its agents.`]),
    ...notes.flatMap((note) => ["", printable(note)]),
  ].join("\n");
}

function nextSteps({ start, problem }: InstallReport): readonly string[] {
  if (start === "not-asked") return ["", "Start it: openclaw gateway start"];
  return start === "failed" && !problem ? ["", "It is tried again on and on. Mend what it says; then openclaw gateway status."] : [];
}

function missing({ unseenVariables, envFile }: InstallReport, display: (path: string) => string): readonly string[] {
  if (unseenVariables.length === 0) return [];
  return [
    "",
    "Only in this shell, and so unknown to the service:",
    ...unseenVariables.map((variable) => `  ${describe(variable)}`),
    `Put what it needs into ${display(envFile)} (chmod 600), as NAME=value. It takes effect at once.`,
  ];
}

function describe({ name, fate, layer }: UnseenVariable): string {
  return fate === "missing" ? name : `${name}, of which it has another value (${layer})`;
}

function line(label: string, value: string): string {
  return `${label.padEnd(8)}: ${printable(value)}`;
}
