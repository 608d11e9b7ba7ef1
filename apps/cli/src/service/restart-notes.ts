import type { Config } from "@openclaw/home";

/** What of `gateway` is read as it starts, and never again. */
const readOnce = ["mode", "port", "bind", "limits", "log"] as const;

/**
 * Says which settings are others than they were at the start and wait for the next one: who changed them would wait for an effect
 * that does not come. The same is said once.
 *
 * @param overridden those that flags decide.
 */
export function createRestartNotes(
  atStart: Config["gateway"],
  overridden: readonly string[],
): (now: Config["gateway"]) => string | undefined {
  let told = "";
  return (now) => {
    const changed = readOnce.filter(
      (name) => !overridden.includes(name) && JSON.stringify(atStart?.[name]) !== JSON.stringify(now?.[name]),
    );
    const note = changed.length === 0 ? "" : noteOf(changed, now?.mode);
    if (note === told) return undefined;
    told = note;
    return note === "" ? undefined : note;
  };
}

function noteOf(changed: readonly string[], mode: string | undefined): string {
  const names = changed.map((name) => `gateway.${name}`).join(", ");
  const refused = changed.includes("mode") && mode !== "local";
  return refused
    ? `changed, and read at the start alone: ${names}. The next start is refused unless gateway.mode is "local"`
    : `changed, and read at the start alone: ${names}. openclaw gateway restart takes it over`;
}
