import { stripVTControlCharacters } from "node:util";
import { readSecretValue, SecretsError, type Secret } from "@openclaw/secrets";

/** A token as it was taken from what somebody pasted, or what is wrong with that, without a character of it. */
export type PastedToken =
  | { readonly secret: Secret; readonly length: number; /** Worth a word to the person. */ readonly doubt?: string }
  | { readonly problem: string; readonly hint?: string };

const SETUP_TOKEN_PREFIX = "sk-ant-oat01-";

/** Shorter ones were cut. */
const SETUP_TOKEN_LEAST = 80;
/** As `claude setup-token` prints them. */
const SETUP_TOKEN_USUAL = 108;

interface Rule {
  readonly breaks: (token: string, lines: string) => boolean;
  readonly problem: string;
  readonly hint?: string;
}

/** The first that is broken is named. `lines` is the text before it was joined. */
const rules: readonly Rule[] = [
  { breaks: (token) => token === "", problem: "Required" },
  {
    breaks: (token) => token.startsWith("sk-ant-api"),
    problem: "This is an API key of Anthropic, not a token",
    hint: "store a key with: openclaw models auth add; a setup-token comes from: claude setup-token",
  },
  {
    breaks: (token) => token.startsWith(SETUP_TOKEN_PREFIX) && token.length < SETUP_TOKEN_LEAST,
    problem: `The token was cut off: one that begins with ${SETUP_TOKEN_PREFIX} has at least ${SETUP_TOKEN_LEAST} characters`,
    hint: "copy all its lines, or pass it through stdin or --from-file",
  },
  {
    breaks: (token) => /\.{3}|^(.)\1+$|^<.*>$|^\[.*\]$|^(?:your|my|paste)[-_]|^x{3,}/iu.test(token),
    problem: "This is the mask of a token or an example, not a token",
    hint: "copy the token itself",
  },
  {
    breaks: (token) => /^\$[({]?[A-Za-z_]|^%[A-Za-z_]\w*%$|^op:\/\//u.test(token),
    problem: "This is the name of a place where a token is, not a token",
    hint: "use --from-env NAME, or pipe the output of the command into this one",
  },
  {
    breaks: (token, lines) => /^(?:export\s+|set\s+)?[A-Z_][A-Z0-9_]*=/u.test(lines) || /^Bearer\s/iu.test(lines) || /^"|^'/u.test(token),
    problem: "There is something before the token: the name of a variable, Bearer, or a quote",
    hint: "paste the token alone",
  },
  {
    breaks: (_token, lines) =>
      /[`|;&<>]|\$\(/u.test(lines) || /^(?:claude|openclaw|npx|curl|cat|echo|export|sudo|pass|op|gh|security)\s/u.test(lines),
    problem: "This is a command, not a token",
    hint: "run it, and paste what it prints",
  },
];

/**
 * Takes the token out of pasted text: a byte order mark, the codes of a terminal, invisible characters, line
 * breaks and spaces inside it go, for tokens have none and terminals put them there. What is left must be
 * something a header can carry, and look like all of a token.
 */
export function readPastedToken(text: string): PastedToken {
  const lines = stripVTControlCharacters(text)
    // A program that took the escape character away leaves the rest of the code of a paste.
    .replaceAll(/(?:\^\[)?\[20[01]~/gu, "")
    .replaceAll(/[\p{Cf}\u0000]/gu, "")
    .trim();
  const token = lines.replaceAll(/\s/gu, "");
  const odd = [...token].findIndex((character) => !/[\u0021-\u007E]/u.test(character));
  const broken = rules.find((rule) => rule.breaks(token, lines));
  if (broken) return { problem: broken.problem, ...(broken.hint !== undefined && { hint: broken.hint }) };
  if (odd >= 0) {
    return {
      problem: `Character ${odd + 1} is none that a token has (U+${codeOf([...token][odd])})`,
      hint: "copy the token again; what was copied is masked, or a typographic character came along",
    };
  }
  try {
    const secret = readSecretValue(token, "The token");
    const isShort = token.startsWith(SETUP_TOKEN_PREFIX) && token.length < SETUP_TOKEN_USUAL;
    const doubt = `it has ${token.length} characters, and setup-tokens usually have ${SETUP_TOKEN_USUAL}: if requests fail, it was cut off`;
    return { secret, length: token.length, ...(isShort && { doubt }) };
  } catch (error) {
    if (!(error instanceof SecretsError)) throw error;
    return { problem: error.message, ...(error.hint !== undefined && { hint: error.hint }) };
  }
}

/** One character beyond those of a token tells nothing of it. */
function codeOf(character = ""): string {
  return (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
}
