import type { Readable } from "node:stream";
import type { Env } from "@openclaw/secrets";
import { openPrompt, ownTerminal, type Prompt } from "../prompt.ts";

/** Where answers come from that no flag gives. A test brings its own. */
export interface PersonSources {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  /** A person at a terminal, if there is one. */
  readonly ask: (signal: AbortSignal) => Promise<Prompt> | undefined;
}

/** Those of this process. */
export function ownSources(env: Env): PersonSources {
  return {
    stdin: process.stdin,
    ask: (signal) => {
      const terminal = ownTerminal();
      return terminal && openPrompt(terminal, { env, signal });
    },
  };
}
