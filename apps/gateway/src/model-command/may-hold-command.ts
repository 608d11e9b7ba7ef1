const SLASH = 0x2f;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const COLON = 0x3a;
const TAB = 0x09;
const LETTER_U = 0x75;

/** Looking at each slash is fastest where there are few. */
const FEW_SLASHES = 64;
/** Behind so many places that come to nothing, parsing costs less than looking on. */
const MOST_LOOKS = 10_000;

const openings = ['"/', '"\\/'].map((opening) => Buffer.from(opening));
const codes = ["002f", "002F"].map((code) => Buffer.from(code));
const words = ["model", "new", "reset"].map((word) => Buffer.from(word));

/**
 * Whether a text of this JSON document may begin with `/model`, `/new` or `/reset`, told from its bytes: nearly every body
 * needs no parsing to be known for one without a command. A slash may be escaped.
 */
export function mayHoldCommand(body: Buffer): boolean {
  let seen = 0;
  for (let at = body.indexOf(SLASH); at !== -1; at = body.indexOf(SLASH, at + 1)) {
    if (beginsCommand(body, at)) return true;
    seen += 1;
    if (seen === FEW_SLASHES) return openings.some((opening) => holdsAfter(body, opening, at)) || holdsCode(body);
  }
  return holdsCode(body);
}

/** Whether a command begins with one of these, which end in a slash. */
function holdsAfter(body: Buffer, opening: Buffer, from: number): boolean {
  return isAnywhere(body, opening, from, (at) => beginsCommand(body, at + opening.length - 1));
}

/** Whether a slash is written as `\u002f`, which no encoder is known to do: what `002f` stands behind is told more cheaply than a backslash. */
function holdsCode(body: Buffer): boolean {
  return codes.some((code) => isAnywhere(body, code, 0, (at) => body[at - 1] === LETTER_U && body[at - 2] === BACKSLASH));
}

/** Whether one of the places where a text stands is meant. It may be where there are too many of them. */
function isAnywhere(body: Buffer, text: Buffer, from: number, isMeant: (at: number) => boolean): boolean {
  let looks = 0;
  for (let at = body.indexOf(text, from); at !== -1; at = body.indexOf(text, at + 1)) {
    looks += 1;
    if (looks > MOST_LOOKS || isMeant(at)) return true;
  }
  return false;
}

function beginsCommand(body: Buffer, slash: number): boolean {
  const quote = body[slash - 1] === BACKSLASH ? slash - 2 : slash - 1;
  // Behind a backslash it is a quote inside of a text.
  if (body[quote] !== QUOTE || body[quote - 1] === BACKSLASH) return false;
  return words.some((word) => {
    const end = slash + 1 + word.length;
    return isEnd(body[end]) && body.compare(word, 0, word.length, slash + 1, end) === 0;
  });
}

/** The text ends, or something that is escaped or another word follows. */
function isEnd(byte: number | undefined): boolean {
  return byte === QUOTE || byte === BACKSLASH || byte === SPACE || byte === COLON || byte === TAB;
}
