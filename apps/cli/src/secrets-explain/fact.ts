import type { Secret, SecretRef } from "@openclaw/secrets";
import type { SurfaceView } from "./explanation.ts";

/** What is written at a place, before anything is asked. */
export interface SurfaceFact {
  readonly path: string;
  /** The provider whose requests it serves, in any spelling. */
  readonly provider?: string;
  readonly profileId?: string;
  readonly holds: SurfaceView["holds"];
  /** The file it is written in. */
  readonly file: string;
  readonly ref?: SecretRef;
  readonly secret?: Secret;
  readonly inactive?: string;
  readonly problem?: { readonly code: string; readonly message: string; readonly hint?: string | undefined };
  readonly shadowed?: string;
  readonly expiresAt?: number;
}

/** What stands beside a reference counts for nothing. */
export const OVERRIDDEN = "a value is written beside the reference and is not used (SECRETS_REF_OVERRIDES_PLAINTEXT)";
