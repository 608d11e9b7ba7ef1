import { expect, test } from "vitest";
import { readExitMessage, readSystemdState } from "./systemd-state.ts";

const running = {
  ActiveState: "active",
  SubState: "running",
  UnitFileState: "enabled",
  MainPID: "68",
  ActiveEnterTimestamp: "@1796082777",
  Result: "success",
  ExecMainCode: "0",
  ExecMainStatus: "0",
  NRestarts: "0",
  StatusText: "Serving at http://127.0.0.1:18789",
  NeedDaemonReload: "no",
  DropInPaths: "",
};
const text = (properties: object) =>
  Object.entries({ ...running, ...properties })
    .map(([name, value]) => `${name}=${value}`)
    .join("\n");

test("a service that runs", () => {
  expect(readSystemdState(text({}))).toEqual({
    isEnabled: true,
    isRunning: true,
    state: "active (running)",
    pid: 68,
    since: 1_796_082_777_000,
    statusText: "Serving at http://127.0.0.1:18789",
  });
});

test.each([
  ["fails over and over", { ActiveState: "activating", SubState: "auto-restart", MainPID: "0", ExecMainCode: "1", ExecMainStatus: "1" }],
  ["was stopped", { ActiveState: "inactive", SubState: "dead", MainPID: "0", ExecMainCode: "1" }],
])("one that %s does not run, and what it said of itself is over", (_name, properties) => {
  expect(readSystemdState(text(properties))).toMatchObject({ isRunning: false });
  expect(readSystemdState(text(properties))).not.toHaveProperty("statusText");
});

test.each([
  [{ ExecMainCode: "1", ExecMainStatus: "1", Result: "exit-code" }, "exit code 1"],
  [{ ExecMainCode: "1", ExecMainStatus: "0" }, "exit code 0, as asked"],
  [{ ExecMainCode: "2", ExecMainStatus: "9", Result: "signal" }, "ended by signal 9"],
  [{ ExecMainCode: "2", ExecMainStatus: "6", Result: "watchdog" }, "ended by signal 6 (watchdog)"],
  [{ Result: "start-limit-hit" }, "start-limit-hit"],
  [{}, undefined],
])("%j ended so: %s", (properties, lastExit) => {
  expect(readSystemdState(text(properties)).lastExit).toBe(lastExit);
});

test("changed files and drop-ins are told", () => {
  const state = readSystemdState(text({ NeedDaemonReload: "yes", DropInPaths: "/a.conf /b.conf", NRestarts: "3" }));
  expect(state).toMatchObject({ isStale: true, dropIns: ["/a.conf", "/b.conf"], restarts: 3 });
});

test.each([
  ['{"EXIT_CODE":"exited","EXIT_STATUS":"1"}', "exit code 1"],
  ['{"EXIT_CODE":"killed","EXIT_STATUS":"9"}', "ended by signal 9"],
  ["", undefined],
  ["-- No entries --", undefined],
])("of a process that was started again the log says %s", (message, exit) => {
  expect(readExitMessage(message)).toBe(exit);
});
