import { readClaudeLogin } from "./claude.ts";
import { readCodexLogin } from "./codex.ts";
import { readGeminiLogin } from "./gemini.ts";
import type { ImportedLogin, LoginFile, LoginOwner } from "./imported-login.ts";

/** Reads the login file of a tool. @throws {AuthProfileError} `login-file-invalid`, naming file and place, never a value. */
export const loginReaders: Readonly<Record<LoginOwner, (file: LoginFile) => ImportedLogin>> = {
  codex: readCodexLogin,
  claude: readClaudeLogin,
  gemini: readGeminiLogin,
};
