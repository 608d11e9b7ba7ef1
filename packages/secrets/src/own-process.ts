import { createHash } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
// Which user and which process we are is no input: it cannot be chosen by a caller, only be wrong.
import process from "node:process";

/** The user files belong to that we make; `undefined` where the system has no user ids (Windows). */
export function ownUid(): number | undefined {
  return process.geteuid?.();
}

/** A process as named in a file: its id, when it started and on which machine, so that a reused id is not taken for it. */
export interface ProcessMark {
  readonly pid: number;
  /** Clock ticks between the start of the machine and of the process; 0 where the system does not say. */
  readonly startedAt: number;
  /** This machine, since it was started, and the container within it. */
  readonly machine: string;
}

let own: ProcessMark | undefined;

/** This process. */
export function ownMark(): ProcessMark {
  return (own ??= { pid: process.pid, startedAt: startOf(process.pid) ?? 0, machine: machineName() });
}

/** Whether the process runs: `undefined` when it belongs to another machine or container and cannot be seen from here. */
export function isMarkAlive(mark: ProcessMark): boolean | undefined {
  const own = ownMark();
  if (mark.machine !== own.machine) return undefined;
  if (mark.pid === own.pid) return mark.startedAt === own.startedAt;
  if (own.startedAt !== 0) return startOf(mark.pid) === mark.startedAt;
  try {
    process.kill(mark.pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

function machineName(): string {
  const facts = [
    hostname(),
    readOr("", () => readFileSync("/proc/sys/kernel/random/boot_id", "utf8")),
    readOr("", () => readlinkSync("/proc/self/ns/pid")),
  ];
  return createHash("sha256").update(JSON.stringify(facts)).digest("hex").slice(0, 8);
}

/** Field 22 of `/proc/<pid>/stat`, counted behind the name in brackets, which may hold anything. A zombie has ended. */
function startOf(pid: number): number | undefined {
  const stat = readOr("", () => readFileSync(`/proc/${pid}/stat`, "latin1"));
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[19] === undefined || fields[0] === "Z" || fields[0] === "X" ? undefined : Number(fields[19]);
}

function readOr<T>(fallback: T, read: () => T): T {
  try {
    return read();
  } catch {
    return fallback; // No such process, or no /proc at all: both are answers here.
  }
}
