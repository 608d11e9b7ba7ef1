import { commandOf, settingsIn, stopSeconds, type ServiceDefinition, type ServiceSettings } from "./service-definition.ts";
import { withChecksum } from "./service-file.ts";
import { quoteSystemd, quoteSystemdCommand, readSystemdCommand, readSystemdWords } from "./systemd-quoting.ts";

/** Name of the unit. */
export const UNIT = "openclaw-gateway.service";

/** What this machine's systemd can do. */
export interface SystemdTraits {
  /** Its version; 0 where it is not known. */
  readonly version: number;
  /** Whether `systemd-notify` is there, by which the gateway says that it is ready and alive. */
  readonly canNotify: boolean;
}

/** Since this version a service counts as started only once its program could be run. */
const EXEC_TYPE = 240;
/** Since this version restarts can come later each time. */
const STEPPED_RESTARTS = 254;

/**
 * The unit of the user's own service manager. It has only those restrictions that work there and leave the gateway
 * working: whatever restricts files or devices (`ProtectSystem`, `PrivateTmp` and their like) needs a user namespace for
 * want of root's rights, in which files of root seem to be somebody else's, and the gateway trusts no such file.
 */
export function renderUserUnit(definition: ServiceDefinition, traits: SystemdTraits): string {
  return unit(definition, traits, { service: restrictions, wantedBy: "default.target" });
}

/** The unit of the machine's service manager, for root to put in place. There everything can be restricted. */
export function renderSystemUnit(definition: ServiceDefinition, traits: SystemdTraits, userName: string): string {
  return unit(definition, traits, {
    unit: ["Wants=network-online.target", "After=network-online.target"],
    service: [`User=${userName}`, ...restrictions, ...systemRestrictions, `ReadWritePaths=${quoteSystemd(definition.stateDir)}`],
    wantedBy: "multi-user.target",
  });
}

/** What a unit that `gateway install` wrote was made with. */
export function readUnit(text: string): { readonly settings: ServiceSettings; readonly stateDir: string | undefined } {
  const command = /^ExecStart=(.*)$/mu.exec(text)?.[1] ?? "";
  const variables = [...text.matchAll(/^Environment=(.*)$/gmu)].flatMap(([, line = ""]) => readSystemdWords(line));
  const stateDir = variables.find((variable) => variable.startsWith("OPENCLAW_STATE_DIR="))?.slice("OPENCLAW_STATE_DIR=".length);
  return { settings: settingsIn(readSystemdCommand(command)), stateDir };
}

interface UnitParts {
  readonly unit?: readonly string[];
  readonly service: readonly string[];
  readonly wantedBy: string;
}

function unit(definition: ServiceDefinition, { version, canNotify }: SystemdTraits, parts: UnitParts): string {
  const { settings, environment } = definition;
  const lines = [
    "# Written by `openclaw gateway install`; checksum @",
    "# Changes belong in a drop-in (systemctl edit), which stays when this file is written again.",
    "",
    "[Unit]",
    "Description=OpenClaw gateway",
    // It never gives up: what is mended comes back by itself.
    "StartLimitIntervalSec=0",
    ...(parts.unit ?? []),
    "",
    "[Service]",
    ...(canNotify
      ? ["Type=notify", "NotifyAccess=all", "WatchdogSec=60"]
      : [version === 0 || version >= EXEC_TYPE ? "Type=exec" : "Type=simple"]),
    `ExecStart=${quoteSystemdCommand(commandOf(definition))}`,
    "ExecReload=kill -HUP $MAINPID",
    ...Object.entries(environment).map(([name, value]) => `Environment=${quoteSystemd(`${name}=${value}`)}`),
    // What a desktop session hands to its service manager must not open a debugger or print what is sent.
    "UnsetEnvironment=NODE_OPTIONS NODE_DEBUG",
    "Restart=always",
    ...(version >= STEPPED_RESTARTS ? ["RestartSec=1", "RestartSteps=6", "RestartMaxDelaySec=60"] : ["RestartSec=5"]),
    // Commands that hold secrets may be asked several times before it is ready.
    "TimeoutStartSec=300",
    `TimeoutStopSec=${stopSeconds(settings)}`,
    "KillMode=mixed",
    // Stopped before it was ready.
    "SuccessExitStatus=130",
    ...parts.service,
    "",
    "[Install]",
    `WantedBy=${parts.wantedBy}`,
    "",
  ];
  return withChecksum(lines.join("\n"));
}

/** What works everywhere. Without `MemoryDenyWriteExecute`: V8 makes memory executable that it has written to. */
const restrictions: readonly string[] = [
  "UMask=0077",
  "LimitCORE=0",
  "NoNewPrivileges=yes",
  // AF_NETLINK: names are looked up with it.
  "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK",
  "RestrictNamespaces=yes",
  "RestrictRealtime=yes",
  "RestrictSUIDSGID=yes",
  "LockPersonality=yes",
  "SystemCallArchitectures=native",
  "SystemCallErrorNumber=EPERM",
  "SystemCallFilter=@system-service",
  "SystemCallFilter=~@privileged @resources",
];

/** Without `PrivateUsers`, for which see above, and `ProcSubset=pid`, which hides what tells machines apart. */
const systemRestrictions: readonly string[] = [
  "CapabilityBoundingSet=",
  "AmbientCapabilities=",
  "ProtectSystem=strict",
  "ProtectHome=read-only",
  "PrivateTmp=yes",
  "PrivateDevices=yes",
  "PrivateIPC=yes",
  "ProtectProc=invisible",
  "ProtectClock=yes",
  "ProtectControlGroups=yes",
  "ProtectHostname=yes",
  "ProtectKernelLogs=yes",
  "ProtectKernelModules=yes",
  "ProtectKernelTunables=yes",
  "RemoveIPC=yes",
];
