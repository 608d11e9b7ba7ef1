import { existsSync } from "node:fs";
import { userInfo } from "node:os";
import process from "node:process";
import { systemClock, type Clock, type Env } from "@openclaw/secrets";
import { UNIT } from "./systemd-unit.ts";
import { systemPrograms, type ServicePrograms } from "./service-programs.ts";

/** The machine a service is installed on, the person it runs as and the program it runs. */
export interface ServiceHost {
  readonly platform: NodeJS.Platform;
  readonly uid: number | undefined;
  readonly userName: string;
  /** As the system's list of users has it, which is what a service manager goes by. */
  readonly userHome: string;
  readonly nodePath: string;
  readonly scriptPath: string;
  readonly programs: ServicePrograms;
  readonly clock: Pick<Clock, "sleep">;
  /** The unit of this name that root has installed for the machine. */
  readonly machineUnit: string | undefined;
}

const MACHINE_UNIT = `/etc/systemd/system/${UNIT}`;

/** The one this process runs on. */
export function currentHost(env: Env): ServiceHost {
  const uid = process.getuid?.();
  const user = readUser();
  return {
    platform: process.platform,
    uid,
    userName: user?.username ?? String(uid),
    userHome: user?.homedir ?? env["HOME"] ?? "/",
    nodePath: process.execPath,
    // Not its real path: a link is what stays where it is over an upgrade.
    scriptPath: process.argv[1] ?? "",
    programs: systemPrograms(env, uid),
    clock: systemClock,
    machineUnit: existsSync(MACHINE_UNIT) ? MACHINE_UNIT : undefined,
  };
}

/** A user without a name, as in many containers, is in no list. */
function readUser(): { readonly username: string; readonly homedir: string } | undefined {
  try {
    return userInfo();
  } catch {
    return undefined;
  }
}
