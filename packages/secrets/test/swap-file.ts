// Puts a link to `target` and a file of ours in each other's place as `key`, in the folder argv[2], until it is killed.
import { renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { argv, chdir } from "node:process";

chdir(argv[2] ?? "");
for (;;) {
  rmSync("link", { force: true });
  symlinkSync("target", "link");
  renameSync("link", "key");
  writeFileSync("new", "test-ours", { mode: 0o600 });
  renameSync("new", "key");
}
