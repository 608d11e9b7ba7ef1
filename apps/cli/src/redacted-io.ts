import type { HomeSnapshot } from "@openclaw/home";
import type { Io } from "./io.ts";

/** An {@link Io} that shows no secret it was told of. */
export interface RedactedIo extends Io {
  /** Whatever is written from now on passes the redactor, which is loaded here and not before. */
  learn(home: HomeSnapshot): Promise<void>;
}

/** What is shorter occurs in any text. */
const MIN_BYTES = 8;

/** The last net: no command writes a secret, and if one does, or an error quotes one, it is not seen. */
export function redactedIo(io: Io): RedactedIo {
  let redact = (text: string) => text;
  return {
    out: (text) => io.out(redact(text)),
    err: (text) => io.err(redact(text)),
    secret: (secret) => io.secret(secret),
    async learn(home) {
      const [{ createRedactor }, { configuredSecrets, storedSecrets }] = await Promise.all([
        import("@openclaw/secrets"),
        import("@openclaw/home"),
      ]);
      const redactor = createRedactor({ minBytes: MIN_BYTES });
      for (const secret of [...configuredSecrets(home), ...storedSecrets(home)]) redactor.add(secret);
      redact = (text) => redactor.text(text);
    },
  };
}
