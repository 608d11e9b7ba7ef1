import { expect, test } from "vitest";
import { tracedSteps } from "./traced-steps.ts";

test("numbers the calls of each thread by itself, until something is said", () => {
  const calls = [
    '101   openat(AT_FDCWD, "/a", O_RDONLY) = 3',
    '102   openat(AT_FDCWD, "/b", O_RDONLY <unfinished ...>',
    '101   openat(AT_FDCWD, "/c", O_RDONLY) = 4',
    "102   <... openat resumed>) = 5",
    '102   write(7, "\\1", 8) = 8',
    "102   fsync(5) = 0",
    '101   write(1, "done", 4) = 4',
    '101   unlink("/c") = 0',
    "101   +++ exited with 0 +++",
  ];
  expect(tracedSteps(calls.join("\n"))).toEqual([
    ["openat", 1],
    ["openat", 2],
    ["fsync", 1],
  ]);
});
