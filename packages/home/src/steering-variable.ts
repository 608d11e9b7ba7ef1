import { isLiveKeyVariable } from "./credential-variable.ts";

/** Where programs are found, what is loaded into them, and whom they trust. */
const names: ReadonlySet<string> = new Set([
  "PATH",
  "HOME",
  "USERPROFILE",
  "SHELL",
  "ENV",
  "BASH_ENV",
  "NODE_OPTIONS",
  "NODE_PATH",
  "NODE_EXTRA_CA_CERTS",
  "NODE_TLS_REJECT_UNAUTHORIZED",
  "PI_CODING_AGENT_DIR",
]);

const shapes: readonly RegExp[] = [/_BASE_URL$/iu, /^OPENCLAW_/iu, /^npm_/iu, /_PROXY$/iu, /^(?:LD|DYLD|SSL_CERT)_/u];

/**
 * Whether a variable decides where requests go, which files we read, or what runs: only the environment we
 * were started with, and the files of the state folder, may set it. A live key is none, though it begins
 * with `OPENCLAW_`.
 */
export function isSteeringVariable(name: string): boolean {
  return !isLiveKeyVariable(name) && (names.has(name.toUpperCase()) || shapes.some((shape) => shape.test(name)));
}
