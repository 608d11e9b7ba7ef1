/** Maps every spelling of a provider (`z.ai`, ` ZAI `) to one id. */
export type NormalizeProvider = (provider: string) => string;

/** Without a table of aliases: trimmed and in lower case. */
export const plainProvider: NormalizeProvider = (provider) => provider.trim().toLowerCase();
