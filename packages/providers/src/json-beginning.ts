/** Watches a JSON answer with a good status for being an error all the same. */
export interface JsonBeginning {
  /** Takes the next bytes. Whether enough is here to tell. */
  push(chunk: Uint8Array): boolean;
  /** Whether it is an error; `body` gives all of what was pushed. */
  isError(body: () => string): boolean;
  /** Whether nothing but blanks has come. */
  isEmpty(): boolean;
}

/** An error object at the beginning of a body, in a list or not: OpenRouter and others answer so. */
const errorObject = /^\[?\s{0,32}\{\s{0,32}"(?:error"\s{0,8}:\s{0,8}[^n\s]|type"\s{0,8}:\s{0,8}"error")/u;

/** No more than this, behind any blanks, is needed to tell. */
const TELLING_LENGTH = 128;

/** Bodies that are held as a whole are smaller than this. */
const SMALL_BYTES = 64 * 1024;

/**
 * Looks at the first bytes. Of a provider that says it in the middle of a body (`ProviderSpec.hidesErrors`), `isHiddenError`
 * judges the whole, where `contentLength` says that it is a small one; all of a body that is an error is read.
 */
export function createJsonBeginning(
  contentLength: string | undefined,
  isHiddenError: ((body: string) => boolean) | undefined,
): JsonBeginning {
  const judgesAll = Number(contentLength ?? Infinity) < SMALL_BYTES ? isHiddenError : undefined;
  let beginning = "";
  return {
    push(chunk) {
      if (beginning.length < TELLING_LENGTH) {
        const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, Math.min(chunk.byteLength, SMALL_BYTES));
        beginning = (beginning + bytes.toString("latin1")).trimStart().slice(0, TELLING_LENGTH);
      }
      return !judgesAll && beginning.length >= TELLING_LENGTH && !errorObject.test(beginning);
    },
    isError: (body) => errorObject.test(beginning) || judgesAll?.(body()) === true,
    isEmpty: () => beginning === "",
  };
}
