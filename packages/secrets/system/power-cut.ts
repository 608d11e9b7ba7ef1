/** What a disk may hold of a file after a power cut. */
export type Survivor = "old" | "new" | "torn" | "missing";

interface File {
  readonly isOld: boolean;
  isWritten: boolean;
  isSynced: boolean;
}

/**
 * What a target may hold when the power is cut at each moment of a traced write. The model keeps a file's bytes
 * only once that file was fsynced, and a rename or link may reach the disk from the moment it is made and must have
 * once the folder was fsynced. One list of possibilities per system call, the last after all of them.
 */
export function survivors(calls: string, target: string, bytes: number, wasThere: boolean): readonly (readonly Survivor[])[] {
  const open = new Map<string, string>();
  const files = new Map<string, File>();
  const old: File | undefined = wasThere ? { isOld: true, isWritten: true, isSynced: true } : undefined;
  let durable = old;
  let pending: File | undefined;
  const moments: (readonly Survivor[])[] = [];
  const folder = target.slice(0, target.lastIndexOf("/"));
  for (const line of completed(calls)) {
    const call = /^\d+ +(\w+)\((.*)\) += (\d+)$/.exec(line);
    if (!call) continue;
    const [, name = "", args = "", result = ""] = call;
    const paths = [...args.matchAll(/"([^"]*)"/g)].map(([, path = ""]) => path);
    const file = open.get(args.split(",")[0] ?? "");
    if (name === "openat" && paths[0]?.startsWith(folder)) {
      open.set(result, paths[0]);
      if (args.includes("O_CREAT")) files.set(paths[0], { isOld: false, isWritten: false, isSynced: false });
    }
    if (name === "close") open.delete(args);
    const touched = file === undefined ? undefined : files.get(file);
    if (name === "pwrite64" && touched && Number(result) === bytes) touched.isWritten = true;
    if (name === "fsync" && touched) touched.isSynced = touched.isWritten;
    if (name === "fsync" && file === folder && pending) durable = pending;
    if ((name === "rename" || name === "link") && paths[1] === target) pending = files.get(paths[0] ?? "");
    moments.push([...new Set([stateOf(durable), ...(pending ? [stateOf(pending)] : [])])]);
  }
  return moments;
}

function stateOf(file: File | undefined): Survivor {
  if (file === undefined) return "missing";
  if (file.isOld) return "old";
  return file.isSynced ? "new" : "torn";
}

/** The calls in the order they ended: strace writes those that overlap in two halves. */
function completed(calls: string): readonly string[] {
  const halves = new Map<string, string>();
  return calls.split("\n").map((line) => {
    const pid = line.slice(0, line.indexOf(" "));
    const begun = /^(.*) <unfinished \.\.\.>$/.exec(line)?.[1];
    if (begun !== undefined) {
      halves.set(pid, begun);
      return "";
    }
    const rest = /<\.\.\. \w+ resumed>(.*)$/.exec(line)?.[1];
    return rest === undefined ? line : `${halves.get(pid)}${rest}`;
  });
}
