/** What the load generator is to send. */
export interface LoadJob {
  readonly port: number;
  readonly path: string;
  readonly token: string;
  /** What the requests name as their model, in turn. */
  readonly models: readonly string[];
  /** About how many bytes a request body has. */
  readonly bodyBytes: number;
  readonly isStream: boolean;
  readonly connections: number;
  /** So long requests are begun. */
  readonly durationMs: number;
  /** No more than so many requests are begun. */
  readonly most?: number;
  /** So many requests are begun each second; on every connection the next one when the last was answered, unless given. */
  readonly perSecond?: number;
}

export interface LoadResult {
  readonly answers: number;
  /** Answers that were none, or had another status than 200. */
  readonly failures: number;
  /** The status of the latest of these; nothing where a connection broke. */
  readonly failedWith: number | undefined;
  /** From the first request to the last answer. */
  readonly durationMs: number;
  /** Of all answers, without what frames their chunks. */
  readonly bytes: number;
  /** Until an answer was whole, in milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Until the first byte of its body was here. */
  readonly firstByteP50: number;
}
