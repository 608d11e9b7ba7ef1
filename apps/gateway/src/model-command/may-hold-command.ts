const SLASH = 0x2f;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const COLON = 0x3a;
const TAB = 0x09;

/** Looking at each slash is fastest where there are few. */
const FEW_SLASHES = 64;

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
    if (seen === FEW_SLASHES) return holdsAfter(body, '"/', at) || holdsAfter(body, '"\\/', at) || holdsCode(body);
  }
  return holdsCode(body);
}

/** Whether a command begins with one of these, which end in a slash. */
function holdsAfter(body: Buffer, opening: string, from: number): boolean {
  for (let at = body.indexOf(opening, from, "latin1"); at !== -1; at = body.indexOf(opening, at + 1, "latin1")) {
    if (beginsCommand(body, at + opening.length - 1)) return true;
  }
  return false;
}

/** No encoder is known that writes a slash so; a few bytes of a document say that it has none. */
function holdsCode(body: Buffer): boolean {
  return body.includes("002f", 0, "latin1") || body.includes("002F", 0, "latin1");
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
