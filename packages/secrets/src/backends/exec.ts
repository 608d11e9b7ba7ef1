import { abortable } from "../abortable.ts";
import type { Clock } from "../clock.ts";
import { SecretsError } from "../errors.ts";
import type { Limiter } from "../limiter.ts";
import type { ExecProviderConfig } from "../provider-config.ts";
import type { BackendAnswer, SecretBackend } from "./backend.ts";
import type { Env } from "./env.ts";
import { runBatch } from "./exec-batch.ts";
import { splitIntoBatches, type BatchLimits } from "./exec-protocol.ts";

/** What a provider of secrets from a command needs. */
export interface ExecBackendOptions {
  readonly alias: string;
  readonly config: ExecProviderConfig;
  readonly env: Env;
  readonly uid: number | undefined;
  readonly clock: Clock;
  readonly limits: BatchLimits;
  /** Places for commands, shared by all providers. */
  readonly places: Limiter;
}

/** How long a failure is remembered instead of asking again. */
const REMEMBERED_MS = 3_000;

interface Failure {
  readonly at: number;
  readonly answer: BackendAnswer;
}

/** One run of the command, and how many wait for it. */
interface Flight {
  readonly answers: Promise<ReadonlyMap<string, BackendAnswer>>;
  readonly abandon: AbortController;
  waiting: number;
}

/**
 * Secrets from a command that is asked for many at once. An id that is being asked is not asked again, and
 * a failure stands for a few seconds, so that a storm of callers does not become a storm of processes.
 */
export function createExecBackend(options: ExecBackendOptions): SecretBackend {
  const flights = new Map<string, Flight>();
  const failures = new Map<string, Failure>();

  function remembered(id: string): BackendAnswer | undefined {
    const failure = failures.get(id);
    const age = failure && options.clock.now() - failure.at;
    if (age !== undefined && age >= 0 && age < REMEMBERED_MS) return failure?.answer;
    failures.delete(id);
    return undefined;
  }

  function start(ids: readonly string[]): void {
    const abandon = new AbortController();
    const answers = options.places(() => runBatch(ids, options, abandon.signal), abandon.signal);
    const flight: Flight = { answers, abandon, waiting: 0 };
    for (const id of ids) flights.set(id, flight);
    const land = () => {
      for (const id of ids) if (flights.get(id) === flight) flights.delete(id);
    };
    // Before anybody who waits for it goes on: who asks then asks anew or is told of the failure.
    void answers.then((answered) => {
      land();
      const at = options.clock.now();
      for (const [id, answer] of answered) if (answer.status === "failed") failures.set(id, { at, answer });
    }, land);
  }

  async function wait(flight: Flight, signal: AbortSignal | undefined): Promise<ReadonlyMap<string, BackendAnswer>> {
    flight.waiting += 1;
    try {
      return await abortable(flight.answers, signal);
    } finally {
      flight.waiting -= 1;
      // Nobody wants it any more. Whoever asks from now on starts another.
      if (flight.waiting === 0) {
        for (const [id, other] of flights) if (other === flight) flights.delete(id);
        flight.abandon.abort();
        await flight.answers.catch(() => undefined); // The command is gone when the last who waited for it goes on.
      }
    }
  }

  return {
    forget(ids) {
      for (const id of ids) failures.delete(id);
    },
    async resolve(ids, signal) {
      signal?.throwIfAborted();
      const known = new Map<string, BackendAnswer>();
      for (const id of ids) {
        const answer = remembered(id);
        if (answer) known.set(id, answer);
      }
      const wanted = [...new Set(ids)].filter((id) => !known.has(id));
      const missing = wanted.filter((id) => !flights.has(id));
      for (const batch of splitIntoBatches(options.alias, missing, options.limits)) start(batch);
      const used = new Set(wanted.map((id) => flights.get(id)).filter((flight) => flight !== undefined));
      const answered = await Promise.all([...used].map((flight) => wait(flight, signal)));
      for (const answers of answered) for (const [id, answer] of answers) known.set(id, answer);
      return new Map(ids.map((id) => [id, known.get(id) ?? lost(id)]));
    },
  };
}

function lost(id: string): BackendAnswer {
  return { status: "failed", error: new SecretsError("reference-unresolved", `${id} was not answered`) };
}
