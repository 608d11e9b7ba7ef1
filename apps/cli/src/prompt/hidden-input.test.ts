import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { Interrupted } from "../prompt.ts";
import { askHidden } from "./hidden-input.ts";

function open(canMark = true) {
  const modes: boolean[] = [];
  const input = Object.assign(new PassThrough(), { setRawMode: (isRaw: boolean) => void modes.push(isRaw) });
  let shown = "";
  const output = { write: (text: string) => (shown += text) !== "" };
  const stop = new AbortController();
  const ask = (read = (pasted: string): { value: string } | string => ({ value: pasted })) =>
    askHidden({ input, output }, { message: "Paste", read }, { signal: stop.signal, canMark });
  return { input, ask, stop, modes, shown: () => shown };
}

test("20: a paste that was wrapped is one answer, and the enter key after it ends it", async () => {
  const { input, ask, shown, modes } = open();
  const asked = ask();
  input.write("\u001B[200~test-key-\r");
  input.write("one\r\n\u001B[201~");
  input.write("\r");
  expect(await asked).toBe("\u001B[200~test-key-\rone\r\n\u001B[201~\r");
  expect(shown()).not.toContain("test-key");
  expect(shown()).toContain("\u001B[?2004h");
  expect(shown()).toContain("\u001B[?2004l");
  expect(modes).toEqual([true, false]);
});

test("20: on a terminal that does not mark pastes, lines that come at once are one answer", async () => {
  const { input, ask, shown } = open(false);
  const asked = ask();
  input.write("test-key-\n");
  input.write("one\n");
  expect(await asked).toBe("test-key-\none\n");
  expect(shown()).toBe("Paste (hidden): \n");
});

test("what was typed can be erased, and is asked for again until it reads as something", async () => {
  const { input, ask, shown } = open();
  const asked = ask((text) => (text.trim() === "ab" ? { value: "ab" } : "Required"));
  input.write("\r");
  await new Promise<void>((resolve) => {
    const look = () => (shown().includes("Required") ? resolve() : setImmediate(look));
    look();
  });
  input.write("xx\u0015abc\u007F\r");
  expect(await asked).toBe("ab");
});

test.each([
  ["Ctrl-C", "\u0003"],
  ["Ctrl-D", "\u0004"],
  ["Escape", "\u001B"],
])("D22: %s gives up, with the terminal as it was", async (_name, key) => {
  const { input, ask, modes } = open();
  const asked = ask();
  input.write("test-key");
  input.write(key);
  await expect(asked).rejects.toThrow(Interrupted);
  expect(modes).toEqual([true, false]);
  expect(input.listenerCount("data")).toBe(0);
});

test("an abort and the end of the input give up", async () => {
  const aborted = open();
  const asked = aborted.ask();
  aborted.stop.abort();
  await expect(asked).rejects.toThrow(Interrupted);
  const ended = open();
  const askedThere = ended.ask();
  ended.input.end();
  await expect(askedThere).rejects.toThrow(Interrupted);
});
