import { secretOf, textsIn } from "./json-tree.ts";
import type { MovedValues } from "./moved.ts";
import type { ApplyWarning } from "./warning.ts";

/** What a file still holds of the values that were moved, by place where it can be told. */
export function leftIn(file: string, text: string, parsed: unknown, moved: MovedValues): readonly ApplyWarning[] {
  const places = [...textsIn(parsed)].filter(({ text }) => {
    const secret = secretOf(text);
    return secret !== undefined && moved.has(secret);
  });
  if (places.length > 0) {
    return places.map(({ path }) => ({
      code: "unscrubbed",
      file,
      path: path.join("."),
      message: "the value that was moved is here too; it stays",
    }));
  }
  return moved.isIn(text) ? [{ code: "unscrubbed", file, message: "it still holds a value that was moved, within other text" }] : [];
}
