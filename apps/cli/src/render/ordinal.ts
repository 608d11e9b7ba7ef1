const suffixes: Readonly<Record<string, string>> = { one: "st", two: "nd", few: "rd" };
const rules = new Intl.PluralRules("en", { type: "ordinal" });

/** A place in a row: `1st`, `12th`, `23rd`. */
export function ordinal(count: number): string {
  return `${count}${suffixes[rules.select(count)] ?? "th"}`;
}
