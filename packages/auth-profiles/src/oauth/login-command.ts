/** What to type to log in again. */
export function loginCommand(provider: string): string {
  return `openclaw models auth login --provider ${provider}`;
}

const owners: ReadonlySet<string> = new Set(["codex", "claude", "gemini"]);

/** The tool whose login a profile is and that renews it; undefined where it is ours. */
export function ownerOf({ metadata }: { readonly metadata?: Readonly<Record<string, string>> }): string | undefined {
  const owner = metadata?.["importedFrom"];
  return owner !== undefined && owners.has(owner) ? owner : undefined;
}

/** What to type for another access: import it again where it is another tool's, which renews it; else log in again. */
export function renewCommand(profile: { readonly provider: string; readonly metadata?: Readonly<Record<string, string>> }): string {
  const owner = ownerOf(profile);
  return owner === undefined ? loginCommand(profile.provider) : `openclaw models auth import ${owner}`;
}
