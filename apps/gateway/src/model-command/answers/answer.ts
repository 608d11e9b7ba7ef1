/** What the gateway itself says in a conversation. */
export interface OwnAnswer {
  readonly text: string;
  /** Different for each answer. */
  readonly id: string;
  /** As the client calls it. */
  readonly model: string;
  /** Seconds since 1970. */
  readonly createdAt: number;
  /** Whether a stream ends with what was used: clients of Chat Completions ask for that. */
  readonly hasUsage: boolean;
}

/** One event of a stream, as `text/event-stream` has it. */
export interface StreamEvent {
  readonly event?: string;
  readonly data: object | string;
}

/** How a dialect answers: with one document, or with a stream that says the same. */
export interface AnswerWriter {
  whole(answer: OwnAnswer): object;
  events(answer: OwnAnswer): readonly StreamEvent[];
}
