import { stripVTControlCharacters } from "node:util";
import { readSecretValue, SecretsError, type Secret } from "@openclaw/secrets";
import { tokenShapes } from "./token-shapes.ts";

/** A token as it was taken from what somebody pasted, or what is wrong with that, without a character of it. */
export type PastedToken =
  | { readonly secret: Secret; readonly length: number; /** Worth a word to the person. */ readonly doubt?: string }
  | { readonly problem: string; readonly hint?: string };

const SETUP_TOKEN_PREFIX = "sk-ant-oat01-";

/** As `claude setup-token` prints them. */
const SETUP_TOKEN_USUAL = 108;

/** What a person was asked for. */
type Kind = "token" | "key" | "setup-token";

interface Rule {
  readonly breaks: (token: string, lines: string) => boolean;
  readonly problem: string;
  readonly hint?: string;
  /** Of these only; of all unless given. */
  readonly kinds?: readonly Kind[];
}

/** The first that is broken is named. `lines` is the text before it was joined. */
const rules: readonly Rule[] = [
  { breaks: (token) => token === "", problem: "Required" },
  {
    kinds: ["token", "setup-token"],
    breaks: (token) => token.startsWith("sk-ant-api"),
    problem: "This is an API key of Anthropic, not a token",
    hint: "store a key with: openclaw models auth add; a setup-token comes from: claude setup-token",
  },
  {
    kinds: ["key"],
    breaks: (token) => token.startsWith(SETUP_TOKEN_PREFIX),
    problem: "This is a setup-token of Anthropic, not an API key",
    hint: "store it with: openclaw models auth setup-token, or paste-token",
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
  {
    kinds: ["setup-token"],
    breaks: (token) => !token.startsWith(SETUP_TOKEN_PREFIX),
    problem: `Expected token starting with ${SETUP_TOKEN_PREFIX}`,
    hint: "it is what claude setup-token prints",
  },
  ...tokenShapes.map(({ prefix, least }) => ({
    // A key may be of any length (D5): of one that is short there is a doubt, below.
    kinds: ["token", "setup-token"] as const,
    breaks: (token: string) => token.startsWith(prefix) && token.length < least,
    problem: `The token was cut off: one that begins with ${prefix} has at least ${least} characters`,
    hint: "copy all its lines, or pass it through stdin or --from-file",
  })),
];

/**
 * Takes the token out of pasted text: a byte order mark, the codes of a terminal, invisible characters, line
 * breaks and spaces inside it go, for tokens have none and terminals put them there. What is left must be
 * something a header can carry, and look like all of a token.
 */
export function readPastedToken(text: string): PastedToken {
  return readPasted(text, "token");
}

/** An API key in the same way. It may be of any shape and length (D5). */
export function readPastedKey(text: string): PastedToken {
  return readPasted(text, "key");
}

/** What `claude setup-token` prints, and nothing else. */
export function readPastedSetupToken(text: string): PastedToken {
  return readPasted(text, "setup-token");
}

function readPasted(text: string, kind: Kind): PastedToken {
  const word = kind === "key" ? "key" : "token";
  const lines = stripVTControlCharacters(text)
    // A program that took the escape character away leaves the rest of the code of a paste.
    .replaceAll(/(?:\^\[)?\[20[01]~/gu, "")
    .replaceAll(/[\p{Cf}\u0000]/gu, "")
    .trim();
  const token = lines.replaceAll(/\s/gu, "");
  const odd = [...token].findIndex((character) => !/[\u0021-\u007E]/u.test(character));
  const broken = rules.find((rule) => (rule.kinds ?? [kind]).includes(kind) && rule.breaks(token, lines));
  if (broken) {
    const { problem, hint } = broken;
    // Those of all kinds speak of tokens.
    const said = (text: string) => (broken.kinds === undefined ? text.replaceAll(/\btoken\b/gu, word) : text);
    return { problem: said(problem), ...(hint !== undefined && { hint: said(hint) }) };
  }
  if (odd >= 0) {
    return {
      problem: `Character ${odd + 1} is none that a ${word} has (U+${codeOf([...token][odd])})`,
      hint: `copy the ${word} again; what was copied is masked, or a typographic character came along`,
    };
  }
  try {
    const secret = readSecretValue(token, `The ${word}`);
    const usual = usualLength(token, kind);
    const doubt = `it has ${token.length} characters, and those that begin so usually have ${usual}: if requests fail, it was cut off`;
    return { secret, length: token.length, ...(usual !== undefined && { doubt }) };
  } catch (error) {
    if (!(error instanceof SecretsError)) throw error;
    return { problem: error.message, ...(error.hint !== undefined && { hint: error.hint }) };
  }
}

/** Of those that begin like it, where it is shorter. */
function usualLength(token: string, kind: Kind): number | undefined {
  if (token.startsWith(SETUP_TOKEN_PREFIX)) return token.length < SETUP_TOKEN_USUAL ? SETUP_TOKEN_USUAL : undefined;
  if (kind !== "key") return undefined;
  return tokenShapes.find(({ prefix, least }) => token.startsWith(prefix) && token.length < least)?.least;
}

/** One character beyond those of a token tells nothing of it. */
function codeOf(character = ""): string {
  return (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
}
