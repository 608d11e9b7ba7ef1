import { expect, test } from "vitest";
import { readPastedToken } from "./pasted-token.ts";
import { tokenShapes } from "./token-shapes.ts";

/** Looks like one of that prefix, and is none. */
const fake = (prefix: string, length: number) => `${prefix}${"test0key1".repeat(20)}`.slice(0, length);

test.each(tokenShapes.map(({ prefix, least }) => [prefix, least] as const))(
  "20: a token that begins with %s is whole with %i characters, and refused with one less",
  (prefix, least) => {
    expect(readPastedToken(fake(prefix, least))).toMatchObject({ length: least });
    expect(readPastedToken(`${fake(prefix, least).slice(0, 20)}\r\n  ${fake(prefix, least).slice(20)}`)).toMatchObject({ length: least });
    const cut = readPastedToken(fake(prefix, least - 1));
    expect(cut).toMatchObject({ problem: expect.stringContaining(`has at least ${least} characters`) });
    expect(JSON.stringify(cut)).not.toContain("test0");
  },
);

test("D5: a longer one, and one of a prefix nobody knows, are taken as they are", () => {
  for (const { prefix, least } of tokenShapes) expect(readPastedToken(fake(prefix, least + 9))).toMatchObject({ length: least + 9 });
  for (const token of ["test-key", "sk-test", "ghx_1", "sk-proj-test"])
    expect(readPastedToken(token)).toMatchObject({ length: token.length });
});
