// Changes another field of a store that a command changes: `count-updates.ts <store> <locks> <profile> <times>`.
import { argv, stdout } from "node:process";
import { createFileStorage } from "@openclaw/auth-profiles";
import { createLockFolder } from "@openclaw/secrets";

const [, , storePath = "", locks = "", profileId = "", times = "0"] = argv;
const storage = createFileStorage({ storePath, locks: createLockFolder(locks) });
for (let count = 1; count <= Number(times); count += 1) {
  await storage.update((draft) => {
    const profile = draft.store.profiles.get(profileId);
    if (profile === undefined) throw new Error(`${profileId} was lost`);
    const before = Number(profile.metadata?.["count"] ?? "0");
    draft.put(profileId, { ...profile, metadata: { ...profile.metadata, count: String(before + 1) } });
  });
  stdout.write(`updated ${count}\n`);
}
