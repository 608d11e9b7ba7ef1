import { eachElement, eachMember, isListAt, isObjectAt, skipSpace, skipValue } from "../json-bytes.ts";

const BACKSLASH = 0x5c;
const LETTER_U = 0x75;

/**
 * The same JSON document without the first `length` UTF-16 units of the text at `path`; every other byte as it was.
 *
 * @throws {GatewayError} `invalid-request`.
 */
export function stripText(body: Buffer, path: readonly (string | number)[], length: number): Buffer {
  const start = placeOf(body, path) + 1;
  return Buffer.concat([body.subarray(0, start), body.subarray(afterUnits(body, start, length))]);
}

/** Where the value at a path begins. Of a name that occurs twice the last one counts, as it does for who parses it. */
function placeOf(body: Buffer, path: readonly (string | number)[]): number {
  let found = 0;
  function look(at: number, depth: number): number {
    const segment = path[depth];
    if (segment === undefined) found = at;
    else if (isObjectAt(body, at)) {
      return eachMember(body, at, (key, start) => (key === segment ? look(start, depth + 1) : skipValue(body, start)));
    } else if (isListAt(body, at)) {
      let index = -1;
      return eachElement(body, at, (start) => {
        index += 1;
        return index === segment ? look(start, depth + 1) : skipValue(body, start);
      });
    }
    return skipValue(body, at);
  }
  look(skipSpace(body, 0), 0);
  return found;
}

function afterUnits(body: Buffer, start: number, length: number): number {
  let at = start;
  for (let units = 0; units < length; units += 1) {
    const byte = body[at] ?? 0;
    if (byte === BACKSLASH) at += body[at + 1] === LETTER_U ? 6 : 2;
    else if (byte < 0x80) at += 1;
    else if (byte < 0xe0) at += 2;
    else if (byte < 0xf0) at += 3;
    else {
      at += 4;
      units += 1;
    }
  }
  return at;
}
