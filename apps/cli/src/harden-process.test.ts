import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import { hardenProcess } from "./harden-process.ts";

const processLike = (platform: NodeJS.Platform) => Object.assign(new EventEmitter(), { platform, report: { excludeEnv: false } });

test("L7: reports leave out the environment, and SIGUSR1 has a listener that is no debugger", () => {
  const linux = processLike("linux");
  hardenProcess(linux, {});
  expect(linux.report.excludeEnv).toBe(true);
  expect(linux.listenerCount("SIGUSR1")).toBe(1);
});

test("where there is no such signal nothing listens for it", () => {
  const windows = processLike("win32");
  hardenProcess(windows, {});
  expect(windows.listenerCount("SIGUSR1")).toBe(0);
});

test.each(["http", "*", "net,tls"])("L9: NODE_DEBUG=%s is refused, with what to do", (value) => {
  expect(() => hardenProcess(processLike("linux"), { NODE_DEBUG: value })).toThrow(
    expect.objectContaining({ name: "CliError", hint: expect.stringContaining("unset NODE_DEBUG") }),
  );
});

test("an empty NODE_DEBUG is none", () => {
  expect(() => hardenProcess(processLike("linux"), { NODE_DEBUG: " " })).not.toThrow();
});
