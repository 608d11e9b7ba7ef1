import { inspect } from "node:util";

/**
 * Marks an object that may hold secrets as plain text: `inspect`, `console.log` and JSON show
 * `[<what>]` in its place. Its properties can be read as before.
 */
export function unprinted<T extends object>(object: T, what: string): T {
  const show = { value: () => `[${what}]`, enumerable: false };
  return Object.defineProperties(object, { toJSON: show, [inspect.custom]: show });
}
