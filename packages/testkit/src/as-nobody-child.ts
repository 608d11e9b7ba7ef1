import { geteuid, setgid, setgroups, setuid } from "node:process";

/** What is to be called, and with what. */
interface Job {
  readonly module: string;
  readonly name: string;
  readonly args: readonly unknown[];
  readonly uid: number;
}

/** Loads the code while it may be read, gives up all rights, and only then calls it. */
process.once("message", (job: Job) => {
  call(job)
    .then((answer) => process.send?.(answer))
    .finally(() => process.disconnect());
});

async function call({ module, name, args, uid }: Job): Promise<object> {
  const loaded: unknown = await import(module);
  const run: unknown = typeof loaded === "object" && loaded !== null ? Reflect.get(loaded, name) : undefined;
  if (typeof run !== "function") throw new TypeError(`${module} exports no function ${name}`);
  if (geteuid?.() === 0) {
    setgroups?.([]);
    setgid?.(uid);
    setuid?.(uid);
  }
  try {
    return { value: await run(...args) };
  } catch (error) {
    return { error: { ...Object(error), name: Reflect.get(Object(error), "name"), message: Reflect.get(Object(error), "message") } };
  }
}
