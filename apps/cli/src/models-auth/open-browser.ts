import { spawn } from "node:child_process";
import { isCredentialVariable } from "@openclaw/home";
import type { Env } from "@openclaw/secrets";

/** What a browser is opened from. */
export interface BrowserPlace {
  readonly env: Env;
  readonly platform: NodeJS.Platform;
}

/** Whether no browser can be expected to appear before the person: nothing to draw on, or they are at another machine. */
export function isHeadless({ env, platform }: BrowserPlace): boolean {
  const isSet = (name: string) => (env[name] ?? "").trim() !== "";
  // Who names a browser, as editors do for the machine their person sits at, means it.
  if (isSet("BROWSER")) return false;
  if (isSet("SSH_CONNECTION") || isSet("SSH_TTY")) return true;
  return platform === "linux" && !isSet("DISPLAY") && !isSet("WAYLAND_DISPLAY");
}

/** The programs that may open an address, the likeliest first. Each is a program and its arguments: no shell reads them. */
export function browserCommands(url: URL, { env, platform }: BrowserPlace): readonly (readonly string[])[] {
  const named = (env["BROWSER"] ?? "").split(platform === "win32" ? ";" : ":").map((command) => commandOf(command, url.href));
  const usual: Partial<Record<NodeJS.Platform, readonly string[]>> = {
    darwin: ["open", url.href],
    // What `start` does, which only a shell knows.
    win32: ["rundll32", "url.dll,FileProtocolHandler", url.href],
  };
  return [...named, usual[platform] ?? ["xdg-open", url.href]].filter((command) => command.length > 0);
}

function commandOf(text: string, url: string): readonly string[] {
  const words = text.trim().split(/\s+/u);
  if (words[0] === "") return [];
  return words.some((word) => word.includes("%s")) ? words.map((word) => word.replaceAll("%s", () => url)) : [...words, url];
}

/** Opens an address in the person's browser, which outlives this program and is given no key. Whether a program for it was found. */
export async function openBrowser(url: URL, place: BrowserPlace): Promise<boolean> {
  const env = Object.fromEntries(Object.entries(place.env).filter(([name]) => !isCredentialVariable(name)));
  for (const [program = "", ...args] of browserCommands(url, place)) {
    if (await starts(program, args, env)) return true;
  }
  return false;
}

function starts(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  try {
    const child = spawn(program, args, { env, stdio: "ignore", detached: true, shell: false });
    child.once("spawn", () => resolve(true)).once("error", () => resolve(false));
    child.unref();
  } catch {
    resolve(false);
  }
  return promise;
}
