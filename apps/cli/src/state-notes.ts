import { healthPlaces, type HomeSnapshot } from "@openclaw/home";
import type { StateProblem } from "./models-explain/known-health.ts";
import type { StoreNote } from "./status-types.ts";

/**
 * What is to be known of stores, with the files of cooldowns that cannot be read, each once: who reads accounts may have said
 * it of one already, in other words than who reads cooldowns.
 */
export function withStateNotes(home: HomeSnapshot, notes: readonly StoreNote[], problems: readonly StateProblem[]): readonly StoreNote[] {
  const paths = [...new Set(healthPlaces(home).map(({ statePath }) => statePath))];
  const pathIn = (message: string) => paths.find((path) => message.includes(path));
  const told = problems.map(({ message, hint }): StoreNote => {
    const path = pathIn(message);
    return { code: "STATE_UNREADABLE", message, ...(path !== undefined && { path }), ...(hint !== undefined && { hint }) };
  });
  const own = notes.map((note): StoreNote => {
    const path = note.code === "AUTH_STATE_IGNORED" ? pathIn(note.message) : undefined;
    const hint = told.find((each) => each.path === path)?.hint;
    return path === undefined ? note : { ...note, path, ...(hint !== undefined && { hint }) };
  });
  return [...own, ...told.filter(({ path }) => path === undefined || !own.some((note) => note.path === path))];
}
