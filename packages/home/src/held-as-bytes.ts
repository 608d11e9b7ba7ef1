/**
 * Holds the text of a property as bytes, and gives it as text whenever it is read: a heap snapshot lists
 * what is held as text, and this may be a key.
 */
export function holdAsBytes(object: object, name: string, text: string): void {
  const bytes = Buffer.from(text, "utf8");
  Object.defineProperty(object, name, { get: () => bytes.toString("utf8"), enumerable: true, configurable: true });
}
