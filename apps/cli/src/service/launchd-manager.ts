import { existsSync } from "node:fs";
import { join } from "node:path";
import { LABEL, readPlist, renderPlist } from "./launchd-plist.ts";
import type { ServiceHost } from "./service-host.ts";
import type { ManagerAnswer, ServiceManager, ServiceState } from "./service-manager.ts";
import { answerOf, textOf } from "./service-programs.ts";

const JOB_TIMEOUT_MS = 60_000;
const STOP_PAUSE_MS = 250;
/** Two minutes. */
const STOP_TRIES = 480;

/** The agents of a person on macOS, as `launchctl` speaks to them. `logPath`: where the agent's output goes. */
export function createLaunchdManager({ programs, uid, clock }: ServiceHost, home: string, logPath: string): ServiceManager {
  const domain = `gui/${uid}`;
  const target = `${domain}/${LABEL}`;
  const filePath = join(home, "Library/LaunchAgents", `${LABEL}.plist`);
  const job = async (...args: string[]) => answerOf(await programs.run("launchctl", args, JOB_TIMEOUT_MS), `launchctl ${args.join(" ")}`);
  const isLoaded = async () => (await job("print", target)).ok;

  async function stop(): Promise<ManagerAnswer> {
    if (!(await isLoaded())) return { ok: true };
    const answer = await job("bootout", target);
    // It may answer before the agent has ended, and until then another cannot be loaded.
    for (let tries = 0; tries < STOP_TRIES; tries += 1) {
      if (!(await isLoaded())) return { ok: true };
      await clock.sleep(STOP_PAUSE_MS);
    }
    return answer.ok ? { ok: false, reason: "it has not ended" } : answer;
  }

  async function start(): Promise<ManagerAnswer> {
    return (await isLoaded()) ? job("kickstart", target) : job("bootstrap", domain, filePath);
  }

  return {
    kind: "launchd",
    name: LABEL,
    filePath,
    render: async (definition) => renderPlist(definition, logPath),
    read: readPlist,
    async problem() {
      if (programs.find("launchctl") === undefined) {
        return {
          message: "launchctl is not on this machine",
          advice: "Let what starts programs here run:",
          commands: ["openclaw gateway run"],
        };
      }
      if ((await job("print", domain)).ok) return undefined;
      return {
        message: "Nobody is logged in at this Mac's screen, and agents run only for who is",
        advice: "It starts at the next login. To start it at once, log in there and run:",
        commands: ["openclaw gateway start"],
      };
    },
    async state() {
      const disabled = textOf(await programs.run("launchctl", ["print-disabled", domain]));
      const isDisabled = new RegExp(`"${LABEL}" => (?:true|disabled)`, "u").test(disabled);
      return readLaunchdState(textOf(await programs.run("launchctl", ["print", target])), existsSync(filePath) && !isDisabled);
    },
    enable: () => job("enable", target),
    // What is loaded at a login is a file in that folder.
    disable: async () => ({ ok: true }),
    forget: async () => undefined,
    start,
    stop,
    // From the file as it is now, which a mere kick would not read.
    async restart() {
      const stopped = await stop();
      return stopped.ok ? start() : stopped;
    },
    sessionNote: async () => undefined,
    async logs({ lines, follow, onLine, signal }) {
      if (!existsSync(logPath)) return { ok: false, reason: `${logPath} is not there yet` };
      return answerOf(await programs.follow("tail", ["-n", String(lines), ...(follow ? ["-F"] : []), logPath], onLine, signal), "tail");
    },
  };
}

/** Reads what `launchctl print gui/<uid>/<label>` printed; of an agent that is not loaded that is nothing. */
export function readLaunchdState(text: string, isEnabled: boolean): ServiceState {
  const valueOf = (name: string) => new RegExp(`^\\t${name} = (.*)$`, "mu").exec(text)?.[1];
  const [state, pid, code, signal] = [valueOf("state"), valueOf("pid"), valueOf("last exit code"), valueOf("last terminating signal")];
  const runs = Number(valueOf("runs") ?? 0);
  const exitCode = /^\d+/u.exec(code ?? "")?.[0];
  const lastExit = signal === undefined ? exitCode && `exit code ${exitCode}` : `ended by signal ${signal}`;
  return {
    isEnabled,
    isRunning: pid !== undefined,
    state: state ?? "not loaded",
    ...(pid !== undefined && { pid: Number(pid) }),
    ...(lastExit !== undefined && { lastExit }),
    ...(runs > 1 && { restarts: runs - 1 }),
  };
}
