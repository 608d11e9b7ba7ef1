import { unflattenedTree } from "./flat-store.ts";
import { parseJsonFileAsTree } from "./parse-json-file.ts";
import { printStore } from "./store-draft.ts";

/**
 * The text of a store with its accounts under `profiles`, as the first change of any store leaves it. Every token
 * of a flat store stays; any other text is handed back as it is.
 *
 * @param path How errors call the store.
 * @throws {AuthProfileError} `store-malformed` where it is no JSON, or cannot be written without loss.
 */
export function documentedStoreText(path: string, text: string): string {
  const tree = parseJsonFileAsTree(path, Buffer.from(text));
  const documented = tree.kind === "object" ? unflattenedTree(tree) : tree;
  return documented.kind === "object" && documented !== tree ? printStore(documented) : text;
}
