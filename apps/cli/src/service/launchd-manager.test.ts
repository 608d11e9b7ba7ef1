import { expect, test } from "vitest";
import { readLaunchdState } from "./launchd-manager.ts";

const running = `gui/501/ai.openclaw.gateway = {
\tactive count = 1
\tpath = /Users/me/Library/LaunchAgents/ai.openclaw.gateway.plist
\tstate = running

\tprogram = /usr/local/bin/node
\targuments = {
\t\tstate = not this one
\t}
\truns = 3
\tpid = 4321
\tlast exit code = 1
}
`;

test.each([
  ["runs, and was started again", running, { isRunning: true, state: "running", pid: 4321, restarts: 2, lastExit: "exit code 1" }],
  ["was killed", running.replace("last exit code = 1", "last terminating signal = Killed: 9"), { lastExit: "ended by signal Killed: 9" }],
  ["never ended", running.replace("= 1\n}", "= (never exited)\n}"), { isRunning: true }],
  ["waits", "\tstate = not running\n\truns = 1\n", { isRunning: false, state: "not running" }],
  ["is not loaded", "", { isRunning: false, state: "not loaded" }],
])("an agent that %s", (_name, text, state) => {
  expect(readLaunchdState(text, true)).toMatchObject({ isEnabled: true, ...state });
});

test("one that never ended has no last end", () => {
  expect(readLaunchdState(running.replace("= 1\n}", "= (never exited)\n}"), true)).not.toHaveProperty("lastExit");
});
