/** What to type to log in again. */
export function loginCommand(provider: string): string {
  return `openclaw models auth login --provider ${provider}`;
}

const importedFrom: ReadonlySet<string> = new Set(["codex", "claude", "gemini"]);

/** What to type for another access: import it again where it is another tool's, which renews it; else log in again. */
export function renewCommand({
  provider,
  metadata,
}: {
  readonly provider: string;
  readonly metadata?: Readonly<Record<string, string>>;
}): string {
  const owner = metadata?.["importedFrom"];
  return owner !== undefined && importedFrom.has(owner) ? `openclaw models auth import ${owner}` : loginCommand(provider);
}
