/** The environment variables that hold keys of one provider. */
export interface KeyVariables {
  /** Set: the one key to use, in place of everything else. */
  readonly live: string;
  /** Several keys, separated by whitespace, commas or semicolons. */
  readonly list: string;
  readonly primary: string;
  /** Every further variable that begins so, in natural order. */
  readonly prefix: string;
  /** Asked last. */
  readonly fallback: readonly string[];
}

/** Names of the variables for a canonical provider id. Google's two providers share `GEMINI_*`. */
export function keyVariables(provider: string): KeyVariables {
  const isGoogle = provider === "google" || provider === "google-vertex";
  const name = isGoogle ? "GEMINI" : provider.toUpperCase().replaceAll("-", "_");
  return {
    live: `OPENCLAW_LIVE_${name}_KEY`,
    list: `${name}_API_KEYS`,
    primary: `${name}_API_KEY`,
    prefix: `${name}_API_KEY_`,
    fallback: isGoogle ? ["GOOGLE_API_KEY"] : [],
  };
}

/** Suffixes of variables that stand beside a key and hold none: a path, a command, an address. */
const companionSuffixes = ["FILE", "PATH", "HELPER", "REF", "CMD", "COMMAND", "URL"];

/** Whether a variable such as `OPENAI_API_KEY_FILE` names something other than a key. */
export function isKeyCompanion(variable: string): boolean {
  return companionSuffixes.some((suffix) => variable.endsWith(`_${suffix}`));
}
