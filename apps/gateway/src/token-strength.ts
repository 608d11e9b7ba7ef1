/** Shortest token accepted where others than this machine can reach the gateway. */
const STRONG_LENGTH = 32;
const STRONG_LETTERS = 8;

/** What programs write where a value is missing, and what stands in samples for somebody to replace. Letters and digits alone. */
const unfilled = /^(?:undefined|null|none|nil|nan|true|false|objectobject|todo|tbd|placeholder|example|sample|default|x+|0+)$/u;
const sample =
  /change(?:me|this|it)|pleasechange|replace(?:me|this|with)|your(?:gateway|api|secret|access|own)?(?:token|key|secret|password)|(?:token|key|secret|password)(?:goes)?here|(?:example|sample|dummy)(?:token|key|secret)/u;

/** Why a token could be guessed, if it could. `sample`: everybody knows it. `guessable`: it can be found by trying. */
export type TokenWeakness = "sample" | "guessable" | undefined;

/** How well a token keeps others out. */
export function weaknessOf(token: string): TokenWeakness {
  const plain = token.toLowerCase().replaceAll(/[^a-z0-9]/gu, "");
  if (token.trim() === "" || unfilled.test(plain) || sample.test(plain)) return "sample";
  if (token.length < STRONG_LENGTH || new Set(token).size < STRONG_LETTERS || repeats(token)) return "guessable";
  return undefined;
}

/** Whether it is one piece, written several times. */
function repeats(text: string): boolean {
  return `${text}${text}`.indexOf(text, 1) < text.length;
}
