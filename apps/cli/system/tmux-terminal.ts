import { join } from "node:path";
import { findProgram, runProcess, type TempHome } from "@openclaw/testkit";
import { vi } from "vitest";

export const TMUX = findProgram("tmux") ?? "";

/** A real terminal with a command in it. */
export interface TmuxTerminal {
  /** Everything that was shown, lines joined that only the width has broken. */
  screen(): Promise<string>;
  /** Resolves with the whole screen once the text is on it; rejects with the screen. */
  sees(text: string): Promise<string>;
  close(): Promise<void>;
}

/** Runs a shell command in a terminal of 80 by 24 of its own, and says on it how the command ended. */
export async function openTerminal(home: TempHome, command: string, env: Readonly<Record<string, string>> = {}): Promise<TmuxTerminal> {
  const socket = join(home.path, "tmux.sock");
  const run = async (...words: readonly string[]) =>
    (
      await runProcess(TMUX, ["-S", socket, ...words], {
        env: { ...home.env, PATH: process.env["PATH"], LANG: "C.UTF-8", TERM: "xterm-256color", ...env },
        timeoutMs: 10_000,
      })
    ).stdout;
  await run("new-session", "-d", "-s", "ask", "-x", "80", "-y", "24", `${command}; echo ended with $?; cat`);
  const screen = () => run("capture-pane", "-p", "-J", "-S", "-", "-t", "ask");
  return {
    screen,
    async sees(text) {
      let shown = "";
      try {
        await vi.waitUntil(async () => (shown = await screen()).includes(text), { timeout: 20_000, interval: 50 });
        return shown;
      } catch {
        throw new Error(`not on screen: ${text}\n${shown}`);
      }
    },
    close: async () => void (await run("kill-server")),
  };
}
