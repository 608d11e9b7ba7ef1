#!/usr/bin/env node
// Plain JavaScript that also runs on old versions of Node, so that they get a message and not a stack trace.
import { existsSync, mkdirSync, statSync } from "node:fs";
import module from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";

const oldest = [22, 19];
const [major, minor] = process.versions.node.split(".").map(Number);
const bundle = new URL("../bundle/main.js", import.meta.url);

if (major < oldest[0] || (major === oldest[0] && minor < oldest[1])) {
  process.stderr.write(`openclaw needs Node ${oldest.join(".")} or later; this is ${process.versions.node}.\n`);
  process.exitCode = 1;
} else if (!existsSync(bundle)) {
  process.stderr.write("openclaw is not built yet. Run: npx -y pnpm@12 build\n");
  process.exitCode = 1;
} else {
  useCompileCache();
  const { main } = await import(bundle.href);
  await main();
}

/** Keeps compiled code in a folder only this person can write. Without such a folder there is no cache. */
function useCompileCache() {
  if (process.env.NODE_COMPILE_CACHE !== undefined || process.env.NODE_DISABLE_COMPILE_CACHE !== undefined) return;
  try {
    // A user without a name and without HOME, as in many containers, has no home folder: homedir() throws.
    const folder = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "openclaw");
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const { mode, uid } = statSync(folder);
    if ((mode & 0o077) === 0 && uid === process.getuid?.()) module.enableCompileCache?.(folder);
  } catch {
    // A cache is a convenience: a read-only home goes without.
  }
}
