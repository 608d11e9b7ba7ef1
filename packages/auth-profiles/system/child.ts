import { scriptsWith } from "@openclaw/testkit";

/** Scripts that use stores: `put` is an update that stores one key. */
export const { runScript, startScript } = scriptsWith(`
import { createFileStorage } from ${JSON.stringify(new URL("../src/index.ts", import.meta.url).href)};
import { createLockFolder, Secret } from ${JSON.stringify(import.meta.resolve("@openclaw/secrets"))};
const storageAt = (storePath, locks) => createFileStorage({ storePath, locks: createLockFolder(locks) });
const keyOf = (text) => ({ type: "api_key", provider: "p", secret: Secret.of(text) });
const put = (storage, id, text) => storage.update((draft) => draft.put(id, keyOf(text)));
`);
