import { mkdirSync, readdirSync, readFileSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { findProgram, runProcess, startProcess, type ProcessResult } from "@openclaw/testkit";

/** A service manager of this machine's systemd, in namespaces of its own: nothing else sees it or is seen by it. */
export interface PrivateManager {
  /** Runs a program beside it. */
  run(command: string, args: readonly string[], env?: Readonly<Record<string, string>>): Promise<ProcessResult>;
  stop(): Promise<void>;
}

const SYSTEMD = "/lib/systemd/systemd";
const RUNTIME_DIR = "/run/user/0";

/** Whether one can be started here: it takes root, and a control group that can be divided. */
export function canRunManager(): boolean {
  if (process.getuid?.() !== 0 || findProgram("systemctl") === undefined || findProgram("nsenter") === undefined) return false;
  try {
    const group = makeGroup("try");
    rmdirSync(group);
    return true;
  } catch {
    return false;
  }
}

/**
 * Starts one: `user` is a person's own, `system` the machine's, which is process 1 there. `prepare`: commands of a shell,
 * run as root before it, in its mount namespace.
 */
export async function startPrivateManager(scope: "user" | "system", prepare: readonly string[] = []): Promise<PrivateManager> {
  const group = makeGroup(String(process.pid));
  const script = [
    "set -e",
    "mount -t tmpfs tmpfs /run",
    // By this systemctl knows that systemd runs.
    `mkdir -p /run/systemd/system && mkdir -m 700 -p ${RUNTIME_DIR}`,
    ...prepare,
    scope === "user" ? `${SYSTEMD} --user --unit=basic.target & wait` : `exec ${SYSTEMD} --system --unit=test.target`,
  ].join("\n");
  const unshare = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "bash", "-c", script];
  const env = {
    PATH: "/usr/sbin:/usr/bin:/sbin:/bin",
    HOME: "/nonexistent",
    XDG_RUNTIME_DIR: RUNTIME_DIR,
    SYSTEMD_LOG_TARGET: "console",
    ...(scope === "system" && { container: "lxc" }),
  };
  const running = await startProcess("bash", ["-c", `echo $$ > ${group}/cgroup.procs && exec "$@"`, "bash", ...unshare], { env });
  const inside = () => readFileSync(`/proc/${running.pid}/task/${running.pid}/children`, "utf8").trim().split(" ")[0] ?? "";

  const manager: PrivateManager = {
    run: (command, args, extra = {}) =>
      runProcess("nsenter", ["--target", inside(), "--mount", "--pid", command, ...args], {
        env: { ...env, SYSTEMD_COLORS: "0", SYSTEMD_PAGER: "", ...extra },
        timeoutMs: 40_000,
      }),
    async stop() {
      await running.stop();
      removeGroup(group);
    },
  };
  const scopeFlag = scope === "user" ? ["--user"] : [];
  const deadline = performance.now() + 20_000;
  while (performance.now() < deadline) {
    const answer = await manager.run("systemctl", [...scopeFlag, "show", "--property=Version"]).catch(() => undefined);
    if (answer?.code === 0) return manager;
  }
  await manager.stop();
  throw new Error(`systemd did not start:\n${running.stdout()}\n${running.stderr()}`);
}

/** A control group below that of this process. */
function makeGroup(name: string): string {
  const mount = /^\S+ (\S+) cgroup2 /mu.exec(readFileSync("/proc/self/mounts", "utf8"))?.[1];
  const own = /^0::(\/.*)$/mu.exec(readFileSync("/proc/self/cgroup", "utf8"))?.[1];
  if (mount === undefined || own === undefined) throw new Error("no control groups of version 2");
  const group = join(mount, own, `openclaw-test-${name}`);
  mkdirSync(group, { recursive: true });
  return group;
}

/** Its processes are gone, and the kernel takes a moment to notice. */
function removeGroup(group: string): void {
  for (let tries = 0; tries < 50; tries += 1) {
    try {
      for (const entry of readdirSync(group, { withFileTypes: true })) if (entry.isDirectory()) removeGroup(join(group, entry.name));
      rmdirSync(group);
      return;
    } catch {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    }
  }
}
