import fc from "fast-check";
import { expect, test } from "vitest";
import { quoteSystemd, quoteSystemdCommand, readSystemdCommand, readSystemdWords } from "./systemd-quoting.ts";

test.each([
  ["/usr/bin/node", '"/usr/bin/node"'],
  ["/home/me/my code/100%/$HOME", '"/home/me/my code/100%%/$HOME"'],
  ['a"b\\c', '"a\\"b\\\\c"'],
  ["a\nExecStartPre=/bin/evil", '"a\\u000aExecStartPre=/bin/evil"'],
])("quotes %j", (text, quoted) => {
  expect(quoteSystemd(text)).toBe(quoted);
});

test("a variable is expanded nowhere in a command line", () => {
  expect(quoteSystemdCommand(["/opt/$x/node", "$HOME/${a}", "run"])).toBe('"/opt/$x/node" "$$HOME/$${a}" "run"');
});

test("any words come back as they were, on one line", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "binary" }), { maxLength: 6 }), (words) => {
      const line = words.map(quoteSystemd).join(" ");
      expect(line).not.toMatch(/[\n\r]/u);
      expect(readSystemdWords(line)).toEqual(words);
      expect(readSystemdCommand(quoteSystemdCommand(words))).toEqual(words.length === 0 ? [""] : words);
    }),
  );
});
