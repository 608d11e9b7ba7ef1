import { readFile } from "node:fs/promises";

/** A page of `docs/`. */
export interface DocPage {
  readonly text: string;
  /** The blocks of code in a language, in order. */
  blocksOf(language: string): readonly string[];
}

/** Reads `docs/<name>.md`. Its text may be changed first, such as an address that is another in a test. */
export async function readDocPage(name: string, change: (text: string) => string = (text) => text): Promise<DocPage> {
  const text = change(await readFile(new URL(`../../../docs/${name}.md`, import.meta.url), "utf8"));
  return {
    text,
    blocksOf: (language) => [...text.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, "gmsu"))].map(([, code = ""]) => code),
  };
}
