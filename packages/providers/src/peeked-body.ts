import { abortable, type Clock, type RedactionStream } from "@openclaw/secrets";

/** A body is held back this far at most. */
const HOLD_BYTES = 64 * 1024;
const HOLD_MS = 10_000;

/** A body whose beginning was read. What becomes of it is one call: `stream` or `discard`. */
export interface PeekedBody {
  readonly bytes: Buffer<ArrayBuffer>;
  /** How it ended, if it has: whole, or with what it broke off. */
  readonly ending: { readonly kind: "whole" } | { readonly kind: "cut"; readonly error: unknown } | undefined;
  /** All of it: what was read, then the rest as the reader asks for it. */
  stream(options: BodyStreamOptions): ReadableStream<Uint8Array>;
  /** Drops the rest. */
  discard(): void;
}

/** What a body goes through on its way. */
interface BodyStreamOptions {
  readonly through: RedactionStream | undefined;
  /** What a reader is told of a body that breaks off. */
  readonly clean: (error: unknown) => unknown;
  /** Called once, when no more of it will be read. */
  readonly onEnd: () => void;
}

/** What {@link peekBody} takes. */
export interface PeekOptions {
  /** Asked with each chunk. Nothing is read without it. */
  readonly isEnough: ((chunk: Uint8Array) => boolean) | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
}

/**
 * Reads the beginning of a body: until it is enough, or 64 KiB, or 10 seconds.
 *
 * @throws the signal's reason once it is aborted.
 */
export async function peekBody(body: ReadableStream<Uint8Array>, { isEnough, clock, signal }: PeekOptions): Promise<PeekedBody> {
  const reader = body.getReader();
  const { chunks, ending, pending } = isEnough ? await readBeginning(reader, { isEnough, clock, signal }) : nothing;
  const rest = restOf(reader, { chunks, ending, pending });
  return {
    bytes: Buffer.concat(chunks),
    ending,
    stream: (options) => streamOf(reader, rest, options),
    discard: () => void reader.cancel().catch(() => undefined),
  };
}

type Reader = ReadableStreamDefaultReader<Uint8Array>;

interface Beginning {
  readonly chunks: readonly Uint8Array[];
  readonly ending: PeekedBody["ending"];
  /** A read that was not waited out. */
  readonly pending: ReturnType<Reader["read"]> | undefined;
}

const nothing: Beginning = { chunks: [], ending: undefined, pending: undefined };

async function readBeginning(reader: Reader, { isEnough, clock, signal }: Required<PeekOptions>): Promise<Beginning> {
  const chunks: Uint8Array[] = [];
  const isOver = new AbortController();
  const deadline = clock.sleep(HOLD_MS, isOver.signal).catch(() => undefined);
  try {
    for (let size = 0; size < HOLD_BYTES;) {
      const pending = reader.read();
      const next = await Promise.race([abortable(pending, signal), deadline]);
      if (!next) return { chunks, ending: undefined, pending };
      if (next.done) return { chunks, ending: { kind: "whole" }, pending: undefined };
      chunks.push(next.value);
      size += next.value.byteLength;
      if (isEnough?.(next.value) === true) break;
    }
    return { chunks, ending: undefined, pending: undefined };
  } catch (error) {
    if (signal?.aborted !== true) return { chunks, ending: { kind: "cut", error }, pending: undefined };
    reader.cancel(error).catch(() => undefined);
    throw error;
  } finally {
    isOver.abort();
  }
}

/** One chunk after another, what was read before first. */
function restOf(reader: Reader, { chunks, ending, pending }: Beginning): () => Promise<Uint8Array | undefined> {
  const held = [...chunks];
  let read = pending;
  return async () => {
    const first = held.shift();
    if (first) return first;
    if (ending?.kind === "whole") return undefined;
    if (ending) throw ending.error;
    const { done, value } = await (read ?? reader.read());
    read = undefined;
    return done ? undefined : value;
  };
}

/** Lets go of the connections of bodies that nobody reads. `fetch` does so for its own bodies, but not for those that are being read. */
const forgotten = new FinalizationRegistry<() => void>((letGo) => letGo());

function streamOf(reader: Reader, next: () => Promise<Uint8Array | undefined>, options: BodyStreamOptions): ReadableStream<Uint8Array> {
  const { through, clean, onEnd } = options;
  const end = {};
  const finish = () => {
    forgotten.unregister(end);
    onEnd();
  };
  const stream = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          for (;;) {
            const chunk = await next();
            const output = chunk ? (through?.push(chunk) ?? chunk) : through?.end();
            if (output && output.length > 0) controller.enqueue(output);
            if (!chunk) {
              finish();
              return controller.close();
            }
            if (output && output.length > 0) return undefined;
          }
        } catch (error) {
          through?.end();
          finish();
          return controller.error(clean(error));
        }
      },
      async cancel(reason) {
        through?.end();
        finish();
        await reader.cancel(reason);
      },
    },
    // Nothing is read that nobody asked for.
    { highWaterMark: 0 },
  );
  const letGo = () => {
    through?.end();
    onEnd();
    reader.cancel().catch(() => undefined);
  };
  forgotten.register(stream, letGo, end);
  return stream;
}
