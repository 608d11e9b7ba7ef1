import { expect, test } from "vitest";
import { createRestartNotes } from "./restart-notes.ts";

test("what is read at the start alone is named once when it changes, and again when it changes again", () => {
  const note = createRestartNotes({ mode: "local", port: 1 }, []);
  expect(note({ mode: "local", port: 1, clients: {} })).toBeUndefined();
  expect(note({ mode: "local", port: 2 })).toBe(
    "changed, and read at the start alone: gateway.port. openclaw gateway restart takes it over",
  );
  expect(note({ mode: "local", port: 2 })).toBeUndefined();
  expect(note({ mode: "local", port: 2, limits: { maxRequests: 9 } })).toContain("gateway.port, gateway.limits");
  expect(note({ mode: "local", port: 1 })).toBeUndefined();
  expect(note({ mode: "local", port: 2 })).toContain("gateway.port");
});

test("a mode that refuses the next start is told as that", () => {
  const note = createRestartNotes({ mode: "local" }, []);
  expect(note({ mode: "remote" })).toContain('The next start is refused unless gateway.mode is "local"');
  expect(note(undefined)).toBeUndefined();
  expect(createRestartNotes({ mode: "local" }, [])(undefined)).toContain("gateway.mode");
});

test("what a flag decides is no news", () => {
  expect(createRestartNotes({ mode: "local", port: 1 }, ["port"])({ mode: "local", port: 2 })).toBeUndefined();
});
