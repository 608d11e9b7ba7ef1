import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Env } from "@openclaw/secrets";
import type { ServiceHost } from "./service-host.ts";
import type { ManagerProblem, ServiceManager } from "./service-manager.ts";
import { answerOf, textOf } from "./service-programs.ts";
import { readExitMessage, readSystemdState, STATE_PROPERTIES } from "./systemd-state.ts";
import { readUnit, renderUserUnit, UNIT, type SystemdTraits } from "./systemd-unit.ts";

/** Longer than a unit may take to start (300 s), or to stop. */
const JOB_TIMEOUT_MS = 330_000;
/** Of the message a manager logs when the process of a unit has ended. */
const PROCESS_EXITED = "98e322203f7a4ed290d09fe03c09fe15";

/** The service manager of a user, as `systemctl --user` speaks to it. */
export function createSystemdManager({ programs, userName, uid }: ServiceHost, env: Env, home: string): ServiceManager {
  const systemctl = (args: readonly string[], timeoutMs?: number) =>
    programs.run("systemctl", ["--user", "--no-ask-password", ...args], timeoutMs);
  const job = async (...args: string[]) => answerOf(await systemctl(args, JOB_TIMEOUT_MS), `systemctl --user ${args.join(" ")}`);

  async function problem(): Promise<ManagerProblem | undefined> {
    if (programs.find("systemctl") === undefined) return withoutSystemd("There is no systemd on this machine");
    const result = await systemctl(["show", "--property=Version", "--value"]);
    if (result.status === "exited" && result.code === 0) return undefined;
    if (result.status === "failed") {
      return { message: `systemd cannot be asked: ${result.reason}`, advice: "See what it says:", commands: ["systemctl --user status"] };
    }
    // What sd_booted(3) looks at.
    if (!existsSync("/run/systemd/system")) return withoutSystemd("This machine, or container, was not started by systemd");
    return {
      message: `No service manager runs for ${userName}, or it cannot be reached from here`,
      advice: `Let it run without a login, then as ${userName}:`,
      commands: [`sudo loginctl enable-linger ${userName}`, `export XDG_RUNTIME_DIR=/run/user/${uid}`, "openclaw gateway install"],
    };
  }

  return {
    kind: "systemd",
    name: UNIT,
    filePath: join(env["XDG_CONFIG_HOME"] || join(home, ".config"), "systemd/user", UNIT),
    render: async (definition) => renderUserUnit(definition, await systemdTraits(programs)),
    read: readUnit,
    problem,
    async state() {
      const show = ["show", UNIT, `--property=${STATE_PROPERTIES.join(",")}`];
      // Versions before 247 do not know the first.
      const text = textOf(await systemctl([...show, "--timestamp=unix"])) || textOf(await systemctl(show));
      const state = readSystemdState(text);
      if (state.restarts === undefined || state.lastExit !== undefined) return state;
      // Of a process that was started again only the log knows how it ended.
      const match = [`USER_UNIT=${UNIT}`, `MESSAGE_ID=${PROCESS_EXITED}`];
      const logged = readExitMessage(
        textOf(await programs.run("journalctl", ["--user", "--quiet", "--output=json", "--lines=1", ...match])),
      );
      return { ...state, ...(logged !== undefined && { lastExit: logged }) };
    },
    async enable() {
      const reloaded = await job("daemon-reload");
      return reloaded.ok ? job("enable", UNIT) : reloaded;
    },
    disable: () => job("disable", UNIT),
    async forget() {
      await systemctl(["daemon-reload"]);
      // How it failed is of no interest any more.
      await systemctl(["reset-failed", UNIT]);
    },
    start: () => job("start", UNIT),
    stop: () => job("stop", UNIT),
    restart: () => job("restart", UNIT),
    async sessionNote() {
      const result = await programs.run("loginctl", ["show-user", userName, "--property=Linger", "--value"]);
      if (textOf(result).trim() !== "no") return undefined;
      return `It ends when ${userName} logs out, and does not start with the machine. To keep it running: loginctl enable-linger ${userName}`;
    },
    async logs({ lines, follow, isPlain, onLine, signal }) {
      const output = isPlain ? "cat" : "short-iso";
      const args = ["--user", "--unit", UNIT, "--no-pager", "--quiet", `--lines=${lines}`, `--output=${output}`];
      const result = await programs.follow("journalctl", [...args, ...(follow ? ["--follow"] : [])], onLine, signal);
      return answerOf(result, "journalctl");
    },
  };
}

/** What the systemd of this machine can do. */
export async function systemdTraits(programs: ServiceHost["programs"]): Promise<SystemdTraits> {
  const result = await programs.run("systemctl", ["--version"]);
  const version = /^systemd (\d+)/u.exec(textOf(result))?.[1];
  return { version: Number(version ?? 0), canNotify: programs.find("systemd-notify") !== undefined };
}

function withoutSystemd(message: string): ManagerProblem {
  return {
    message,
    advice: "Nothing here starts services. Let what starts programs here, such as a container's runtime, run:",
    commands: ["openclaw gateway run"],
  };
}
