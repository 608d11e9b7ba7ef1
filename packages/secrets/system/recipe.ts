import { readFile } from "node:fs/promises";
import { runInNewContext } from "node:vm";
import { z } from "zod";
import { parseSecretRef, secretProvidersSchema, type SecretProviders, type SecretRef } from "../src/index.ts";

const configuration = z.object({ secrets: z.object({ providers: secretProvidersSchema }) });

/** What the page tells a reader to type, so that what is tested is what is printed. */
export interface Recipe {
  readonly providers: SecretProviders;
  readonly ref: SecretRef;
  /** The code of that language, such as `sh`. */
  code(language: string): string;
}

/** The page. */
export const readPage = (): Promise<string> => readFile(new URL("../../../docs/secrets.md", import.meta.url), "utf8");

/**
 * One recipe of `docs/secrets.md`.
 *
 * @param replacements What stands on the page, and what to have instead. All of it must be there.
 */
export async function readRecipe(title: string, replacements: Readonly<Record<string, string>> = {}): Promise<Recipe> {
  const [, section] = (await readPage()).split(`\n### ${title}\n`);
  if (section === undefined) throw new Error(`docs/secrets.md has no recipe "${title}"`);
  let text = section.split(/\n##+ /u)[0] ?? "";
  for (const [printed, ours] of Object.entries(replacements)) {
    if (!text.includes(printed)) throw new Error(`the recipe "${title}" does not have ${printed}`);
    text = text.replaceAll(printed, ours);
  }
  const [config, ref] = blocks(text, "json5").map(readJson5);
  return {
    providers: configuration.parse(config).secrets.providers,
    ref: parseSecretRef(ref),
    code(language) {
      const [only, ...more] = blocks(text, language);
      if (only === undefined || more.length > 0) throw new Error(`the recipe "${title}" has not one block of ${language}`);
      return only;
    },
  };
}

/** The code blocks of a language, in their order. */
export function blocks(text: string, language: string): readonly string[] {
  return [...text.matchAll(/^```(\w+)\n(.*?)^```$/gmsu)].filter(([, name]) => name === language).map(([, , code = ""]) => code);
}

/** JSON5 is a part of JavaScript. */
export function readJson5(text: string): unknown {
  const json: unknown = runInNewContext(`JSON.stringify((${text}\n))`);
  return JSON.parse(z.string().parse(json));
}
