import { expect, test } from "vitest";
import { takeSupervisor } from "./supervisor.ts";

test("takes what is for this process out of the environment of everything it starts", () => {
  const env = { NOTIFY_SOCKET: "/run/notify", WATCHDOG_USEC: "60000000", WATCHDOG_PID: "7", HOME: "/home/me" };
  expect(takeSupervisor(env, 7)).toEqual({ notifySocket: "/run/notify", watchdogMs: 60_000 });
  expect(env).toEqual({ HOME: "/home/me" });
});

test.each([
  ["nobody supervises", {}, undefined],
  ["an address that is no socket", { NOTIFY_SOCKET: "vsock:2:1" }, undefined],
  ["an abstract socket", { NOTIFY_SOCKET: "@notify" }, { notifySocket: "@notify" }],
  ["another process is watched", { NOTIFY_SOCKET: "/n", WATCHDOG_USEC: "5", WATCHDOG_PID: "8" }, { notifySocket: "/n" }],
  ["a time that is none", { NOTIFY_SOCKET: "/n", WATCHDOG_USEC: "soon" }, { notifySocket: "/n" }],
])("%s", (_name, env, supervisor) => {
  expect(takeSupervisor({ ...env }, 7)).toEqual(supervisor);
});
