import { CliError } from "../exit.ts";

/** The flags of `models status` that are about probes, as they were typed. */
export interface ProbeFlags {
  readonly probe?: boolean;
  readonly probeProvider?: string;
  readonly probeProfile?: readonly string[];
  readonly probeTimeout?: string;
  readonly probeConcurrency?: string;
  readonly probeMaxTokens?: string;
}

/** What to try out, and how. The JSON of a report repeats it. */
export interface ProbeChoice {
  readonly provider?: string;
  /** Empty: all. */
  readonly profileIds: readonly string[];
  /** For each account. */
  readonly timeoutMs: number;
  /** How many are asked at once. */
  readonly concurrency: number;
  readonly maxTokens: number;
}

/** Reads the flags. @throws {CliError} for a number that is none. */
export function readProbeFlags(flags: ProbeFlags): ProbeChoice {
  const timeoutMs = readNumber(flags.probeTimeout, 8000, "--probe-timeout must be a positive number (ms).");
  const concurrency = readNumber(flags.probeConcurrency, 2, "--probe-concurrency must be > 0.");
  const maxTokens = readNumber(flags.probeMaxTokens, 8, "--probe-max-tokens must be > 0.");
  const provider = flags.probeProvider?.trim();
  const profileIds = (flags.probeProfile ?? []).flatMap((list) => list.split(",")).map((id) => id.trim());
  return {
    ...(provider !== undefined && provider !== "" && { provider }),
    profileIds: [...new Set(profileIds)].filter((id) => id !== ""),
    timeoutMs,
    concurrency: Math.max(1, Math.floor(concurrency)),
    maxTokens: Math.max(1, Math.floor(maxTokens)),
  };
}

/** Collects an option that may be given more than once. */
export function collect(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, value];
}

function readNumber(text: string | undefined, usual: number, problem: string): number {
  const number = text === undefined ? usual : Number(text.trim() === "" ? Number.NaN : text);
  if (!Number.isFinite(number) || number <= 0) throw new CliError(problem);
  return number;
}
