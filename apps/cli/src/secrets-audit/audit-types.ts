import type { SecretForm } from "@openclaw/secrets";

/** What is wrong. The words and severities are OpenClaw's. */
export type FindingCode = "PLAINTEXT_FOUND" | "REF_UNRESOLVED" | "REF_SHADOWED" | "LEGACY_RESIDUE";

/** Something the audit found at a place that may hold a secret. Holds no value. */
export interface AuditFinding {
  readonly code: FindingCode;
  readonly severity: "info" | "warn" | "error";
  readonly file: string;
  /** `<root>` for the file as a whole. */
  readonly jsonPath: string;
  readonly message: string;
  readonly provider?: string;
  readonly profileId?: string;
}

/** A known value that stands where it should not. */
export interface ValueFinding {
  readonly file: string;
  /** From 1; absent where the file is no text. */
  readonly line?: number;
  /** In bytes; of what is packed within `gzip`. */
  readonly offset: number;
  readonly form: SecretForm | `gzip+${SecretForm}`;
  /** What the value is known as, such as `OPENAI_API_KEY` or `profile openai:default`. */
  readonly secret: string;
  readonly fingerprint?: string;
}

/** A file that may hold values and was not searched, or not to its end. */
export interface UnsearchedFile {
  readonly file: string;
  readonly reason: string;
}

/** Something to know that is no finding: it changes no exit code. */
export interface AuditNotice {
  readonly code: "KEYS_IN_ENVIRONMENT";
  readonly message: string;
}

/** What `secrets audit --json` prints. Up to `findings` the fields are OpenClaw's; those after it are ours. */
export interface AuditReport {
  readonly version: 1;
  readonly status: "clean" | "findings" | "unresolved";
  readonly resolution: {
    readonly refsChecked: number;
    readonly skippedExecRefs: number;
    readonly resolvabilityComplete: boolean;
  };
  readonly filesScanned: readonly string[];
  readonly summary: {
    readonly plaintextCount: number;
    readonly unresolvedRefCount: number;
    readonly shadowedRefCount: number;
    readonly legacyResidueCount: number;
    readonly valueFindingCount: number;
  };
  readonly findings: readonly AuditFinding[];
  readonly valueFindings: readonly ValueFinding[];
  readonly filesSearched: readonly string[];
  readonly filesNotSearched: readonly UnsearchedFile[];
  readonly notices: readonly AuditNotice[];
}
