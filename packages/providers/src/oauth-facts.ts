/**
 * Where a provider logs people in. Data only, and the same for everybody: whose client logs in is the
 * operator's configuration, so of client ids and secrets there are only the names of the variables that may hold them.
 */
export interface OAuthFacts {
  /** Login through a browser: authorization code with PKCE. */
  readonly authorizationUrl?: string;
  readonly tokenUrl: string;
  /** Login on another device (RFC 8628). */
  readonly deviceUrl?: string;
  /** Tells the e-mail address of an account whose tokens do not. */
  readonly userinfoUrl?: string;
  /** `iss` of its callbacks, where the vendor names it. */
  readonly issuer?: string;
  readonly scopes?: readonly string[];
  /** Of the registered redirect URI, where it is registered with one. */
  readonly redirectHost?: "127.0.0.1" | "localhost";
  readonly redirectPort?: number;
  readonly redirectPath?: string;
  /** Where the account id is in the claims of its tokens. */
  readonly accountClaim?: readonly string[];
  /** What its authorization URL wants beside the parameters of the standard. */
  readonly authorizationParameters?: Readonly<Record<string, string>>;
  /** Environment variables that may hold the client id, in order of precedence. */
  readonly clientIdVariables?: readonly string[];
  /** Environment variables that may hold the client secret, in order of precedence. */
  readonly clientSecretVariables?: readonly string[];
}
