import type { ProfileHealth } from "./inspect.ts";

/** The command that makes an account work again, as a person can paste it into a shell. */
export function accountFix(
  health: Pick<ProfileHealth, "profileId" | "provider" | "type" | "reasonCode" | "importedFrom">,
  agentId?: string,
): string {
  const { profileId, provider, type, reasonCode, importedFrom } = health;
  const agent = agentId === undefined ? [] : ["--agent", agentId];
  return ["openclaw", ...commandFor(), ...agent].map(shellWord).join(" ");

  function commandFor(): readonly string[] {
    if (reasonCode === "unresolved_ref") return ["secrets", "explain", profileId];
    if (importedFrom !== undefined) return ["models", "auth", "import", importedFrom, "--profile-id", profileId];
    // With the id: else the account may be stored under another, and this one stays as it is.
    const account = ["--provider", provider, "--profile-id", profileId];
    if (type === "oauth") return ["models", "auth", "login", ...account];
    return type === "token" ? ["models", "auth", "paste-token", ...account] : ["models", "auth", "add", "--type", "api_key", ...account];
  }
}

/** Ids come from a file that others may have written: one with a `;` in it must not become a second command. */
function shellWord(text: string): string {
  return /^[\w@%+:,./-]+$/u.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
