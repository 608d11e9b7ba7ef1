import { scriptsWith } from "@openclaw/testkit";

const source = (file: string): string => JSON.stringify(new URL(`../src/${file}`, import.meta.url).href);

/** Scripts that write private files and take locks. */
export const { runScript, startScript } = scriptsWith(`
import { createPrivateFile, readPrivateFile, writePrivateFile } from ${source("private-file.ts")};
import { createLockFolder } from ${source("lock.ts")};
`);
