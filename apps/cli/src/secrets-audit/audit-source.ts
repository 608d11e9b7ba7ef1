import type { JsonDialect } from "@openclaw/home";
import type { Secret } from "@openclaw/secrets";
import type { AuditFinding } from "./audit-types.ts";

/** A reference as it is written, and where. */
export interface ReferenceUse {
  readonly file: string;
  readonly jsonPath: string;
  readonly written: unknown;
  readonly provider?: string;
  readonly profileId?: string;
}

/** Where a value may stand: a field, a line of `.env`, or any place in a file that is there to hold it. */
export type SecretPlace =
  | { readonly kind: "json"; readonly file: string; readonly path: readonly string[]; readonly dialect: JsonDialect }
  | { readonly kind: "env"; readonly file: string; readonly name: string }
  | { readonly kind: "file"; readonly file: string };

/** A value, what to call it, and where it is at home. */
export interface KnownSecret {
  readonly label: string;
  readonly secret: Secret;
  readonly places: readonly SecretPlace[];
}

/** What one file, or several of a kind, say. */
export interface AuditSource {
  /** Files that are there. */
  readonly files: readonly string[];
  readonly findings: readonly AuditFinding[];
  readonly references: readonly ReferenceUse[];
  readonly secrets: readonly KnownSecret[];
}

/** A source that is filled bit by bit. */
export interface GrowingSource extends AuditSource {
  readonly files: string[];
  readonly findings: AuditFinding[];
  readonly references: ReferenceUse[];
  readonly secrets: KnownSecret[];
}

/** A source that says nothing yet. */
export function emptySource(): GrowingSource {
  return { files: [], findings: [], references: [], secrets: [] };
}

/** The finding for a file that cannot be read as what it is: what it refers to cannot be known. */
export function brokenFile(file: string, message: string): AuditFinding {
  return { code: "REF_UNRESOLVED", severity: "error", file, jsonPath: "<root>", message };
}
