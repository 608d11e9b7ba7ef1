import { z } from "zod";

/**
 * `models.providers.<id>.oauth`: where people log in to a provider, and as which client. With a `tokenUrl` it stands
 * alone; without one it completes what is known of the provider, mostly with a client id.
 */
export interface OAuthConfig {
  readonly authorizationUrl?: string;
  readonly tokenUrl?: string;
  readonly deviceUrl?: string;
  /** Tells the e-mail address of an account whose tokens do not. */
  readonly userinfoUrl?: string;
  /** `iss` of its callbacks (RFC 9207). */
  readonly issuer?: string;
  readonly clientId?: string;
  /** Text or a secret reference. */
  readonly clientSecret?: unknown;
  readonly clientAuth?: "basic" | "post";
  readonly scopes?: readonly string[];
  readonly redirectHost?: "127.0.0.1" | "localhost";
  readonly redirectPort?: number;
  readonly redirectPath?: string;
  /** Where the account id is in the claims of its tokens. */
  readonly accountClaim?: readonly string[];
}

const text = z.string().min(1).exactOptional();
const url = z.url({ protocol: /^https?$/u, error: "expected an https address" }).exactOptional();

/** Strict: a misspelt member would send people to log in at the wrong place. */
export const oauthConfigSchema: z.ZodType<OAuthConfig> = z.strictObject({
  authorizationUrl: url,
  tokenUrl: url,
  deviceUrl: url,
  userinfoUrl: url,
  issuer: text,
  clientId: text,
  clientSecret: z.unknown().exactOptional(),
  clientAuth: z.enum(["basic", "post"]).exactOptional(),
  scopes: z.array(z.string().min(1)).exactOptional(),
  redirectHost: z.enum(["127.0.0.1", "localhost"]).exactOptional(),
  redirectPort: z.int().min(1).max(65_535).exactOptional(),
  redirectPath: z.string().startsWith("/").exactOptional(),
  accountClaim: z.array(z.string().min(1)).min(1).exactOptional(),
});
