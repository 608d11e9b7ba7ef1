import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createFakeGrants, refusal, type FakeAnswer, type FakeTokens } from "./fake-idp-accounts.ts";
import { sendReply, type Reply } from "./fake-reply.ts";

/** What the identity provider is like. Everything has a default. */
export interface FakeIdpOptions {
  /** `test-client` unless given. */
  readonly clientId?: string;
  /** Given, the token endpoint wants it, by Basic or in the form, and answers 401 `invalid_client` without. */
  readonly clientSecret?: string;
  /** Who logs in where nobody says who. `account-one` unless given. */
  readonly accountId?: string;
  /** 3600 unless given. */
  readonly expiresInSeconds?: number;
  /** Whether a refresh spends the refresh token and gives a new one. True unless given. */
  readonly rotates?: boolean;
  /** How long after its use a spent refresh token still gets its successor again, instead of counting as reuse. 0 unless given. */
  readonly graceMs?: number;
  /** The provider's time, for `graceMs` and `exp`. The machine's unless given; a `manualClock` fits. */
  readonly clock?: { now(): number };
  /** Whether the callback carries `iss` (RFC 9207). True unless given. */
  readonly sendsIssuer?: boolean;
  /** Of the device answer; left out where `null`. 5 unless given. */
  readonly deviceIntervalSeconds?: number | null;
}

/** How one token request is treated, in place of the plain answer. */
export interface TokenStep {
  /** Nothing happens before this settles: the refresh token is not spent yet. */
  readonly beforeSpending?: Promise<unknown>;
  /** The request was acted on (the refresh token is spent), and nothing is sent before this settles. */
  readonly beforeAnswering?: Promise<unknown>;
  /**
   * Cuts the connection: `before` the request is acted on (nothing is spent), `after` it was, without a
   * byte of answer, or `during` the answer, half of whose body was sent. The last two lose a spent token.
   */
  readonly drop?: "before" | "during" | "after";
  /** Sent in place of the answer. The request is not acted on, unless `spends`. */
  readonly reply?: Reply;
  /** With `reply`: the request is acted on all the same, so the refresh token is spent and its successor lost. */
  readonly spends?: boolean;
  /** Changes the answer's fields: a name with `undefined` leaves it out. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** One request to the token endpoint. */
export interface TokenRequest {
  readonly grantType: string;
  readonly form: URLSearchParams;
  readonly authorization: string | undefined;
  /** Status of what it was going to be told; `undefined` while it waits and where nothing was. */
  status: number | undefined;
}

/** Who says yes or no, and as whom. */
export interface Consent {
  readonly accountId?: string;
  /** An OAuth error in place of a code, such as `access_denied`. */
  readonly error?: string;
  readonly errorDescription?: string;
}

/** An identity provider on 127.0.0.1. */
export interface FakeIdp {
  readonly url: string;
  /** Equal to `url`. */
  readonly issuer: string;
  readonly authorizationUrl: string;
  readonly tokenUrl: string;
  readonly deviceUrl: string;
  readonly clientId: string;
  /** Tokens of a login that nobody had to click through. Each call begins a family of its own. */
  issue(accountId?: string): FakeTokens;
  /** What a browser does with the authorization URL: asks for it, consents, and returns the callback URL without opening it. */
  authorize(url: URL, consent?: Consent): Promise<URL>;
  /** Consents to (or, with `error`, denies) the device that shows `userCode`. */
  settleDevice(userCode: string, consent?: Consent): void;
  /** Treats the next token requests so, one step each. Requests beyond them are answered plainly. */
  script(...steps: readonly TokenStep[]): void;
  /** Steps nobody asked for. Expect 0. */
  unusedSteps(): number;
  /** Every request to the token endpoint, in the order of arrival. */
  readonly requests: readonly TokenRequest[];
  /** How many there were, of one grant type (`refresh_token`, ...) or of all. */
  tokenRequests(grantType?: string): number;
  /** Resolves once there were `count`. It has arrived, and may still wait for `beforeSpending`. */
  waitForTokenRequests(count: number): Promise<void>;
  /** How often a refresh token was used that had been spent (outside of the grace). Each revoked its family. Expect 0. */
  reuses(): number;
  /** Whether a refresh with it would be answered. Asking spends nothing. */
  isAlive(refreshToken: string): boolean;
  /** Ends a family, as a person does who logs out everywhere. */
  revoke(refreshToken: string): void;
  /** Cuts every connection and stops. */
  close(): Promise<void>;
}

/**
 * Starts a {@link FakeIdp} over real HTTP: authorization code with PKCE (S256, checked), device flow,
 * and refresh with rotation, where a second use of a spent token revokes the whole family (RFC 9700).
 * Access tokens are unsigned JWTs with `sub`, `account_id`, `email` and ChatGPT's account claim.
 *
 * @example
 * const idp = await startFakeIdp();
 * const { access, refresh } = idp.issue("account-two");    // store these
 * idp.script({ drop: "after" });                           // the next refresh is spent and its answer lost
 * // ... run the code under test against idp.tokenUrl ...
 * expect([idp.tokenRequests("refresh_token"), idp.reuses()]).toEqual([1, 0]);
 * await idp.close();
 */
export async function startFakeIdp(options: FakeIdpOptions = {}): Promise<FakeIdp> {
  const { clientId = "test-client", clientSecret, accountId: defaultAccount = "account-one", clock = { now: () => Date.now() } } = options;
  const grants = createFakeGrants({
    now: () => clock.now(),
    expiresInSeconds: options.expiresInSeconds ?? 3600,
    rotates: options.rotates ?? true,
    graceMs: options.graceMs ?? 0,
  });
  const requests: TokenRequest[] = [];
  const steps: TokenStep[] = [];
  const closing = new AbortController();
  let watchers: readonly { readonly count: number; readonly reached: PromiseWithResolvers<void> }[] = [];
  let nextConsent: Consent = {};

  const server = createServer((request, response) => {
    route(request, response).catch(() => response.destroy());
  });
  const listening = Promise.withResolvers<void>();
  server.once("error", listening.reject);
  server.listen(0, "127.0.0.1", listening.resolve);
  await listening.promise;
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the fake identity provider has no port");
  const url = `http://127.0.0.1:${address.port}`;

  async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = new URL(request.url ?? "/", url);
    const form = new URLSearchParams(await readText(request));
    switch (`${request.method} ${target.pathname}`) {
      case "GET /authorize":
        return answerAuthorize(target.searchParams, response);
      case "POST /device":
        return sendReply(response, answerDevice(form), closing.signal);
      case "POST /token":
        return answerToken(request, form, response);
      default:
        return sendReply(response, { status: 404, body: "not here" }, closing.signal);
    }
  }

  function answerAuthorize(query: URLSearchParams, response: ServerResponse): Promise<void> {
    const { accountId = defaultAccount, error, errorDescription } = nextConsent;
    nextConsent = {};
    const redirectUri = query.get("redirect_uri") ?? "";
    const challenge = query.get("code_challenge") ?? "";
    const isWellFormed =
      query.get("response_type") === "code" &&
      query.get("client_id") === clientId &&
      query.get("code_challenge_method") === "S256" &&
      challenge.length === 43 &&
      URL.canParse(redirectUri);
    if (!isWellFormed) return sendReply(response, { status: 400, body: "a malformed authorization request" }, closing.signal);
    const callback = new URL(redirectUri);
    if (error === undefined) callback.searchParams.set("code", grants.rememberCode({ accountId, challenge, redirectUri }));
    else callback.searchParams.set("error", error);
    if (errorDescription !== undefined) callback.searchParams.set("error_description", errorDescription);
    const state = query.get("state");
    if (state !== null) callback.searchParams.set("state", state);
    if (options.sendsIssuer ?? true) callback.searchParams.set("iss", url);
    return sendReply(response, { status: 302, headers: { location: callback.href } }, closing.signal);
  }

  function answerDevice(form: URLSearchParams): Reply {
    if (form.get("client_id") !== clientId) return refusal("invalid_client");
    const { deviceCode, userCode } = grants.beginDevice();
    const { deviceIntervalSeconds: interval = 5 } = options;
    return {
      body: {
        device_code: deviceCode,
        user_code: userCode,
        verification_uri: `${url}/activate`,
        verification_uri_complete: `${url}/activate?user_code=${userCode}`,
        expires_in: 900,
        ...(interval === null ? {} : { interval }),
      },
    };
  }

  async function answerToken(request: IncomingMessage, form: URLSearchParams, response: ServerResponse): Promise<void> {
    const { authorization } = request.headers;
    const seen: TokenRequest = { grantType: form.get("grant_type") ?? "", form, authorization, status: undefined };
    const step = steps.shift() ?? {};
    requests.push(seen);
    for (const { count, reached } of watchers) if (count <= requests.length) reached.resolve();
    watchers = watchers.filter(({ count }) => count > requests.length);

    if (step.beforeSpending) await step.beforeSpending;
    if (step.drop === "before") return void response.destroy();
    const acts = step.reply === undefined || step.spends === true;
    const answer = acts ? withFields(act(seen), step.fields ?? {}) : { status: 0, body: {} };
    const reply: Reply = step.reply ?? answer;
    seen.status = reply.status ?? 200;
    if (step.beforeAnswering) await step.beforeAnswering;
    if (step.drop === "after") return void response.destroy();
    if (step.drop === "during") {
      const text = JSON.stringify(answer.body);
      const headers = { "content-type": "application/json", "content-length": String(Buffer.byteLength(text)) };
      const half = text.slice(0, text.length / 2);
      return sendReply(response, { status: answer.status, stream: [half], headers, afterHeaders: "destroy" }, closing.signal);
    }
    await sendReply(response, reply, closing.signal);
  }

  function act({ grantType, form, authorization }: TokenRequest): FakeAnswer {
    if (!isClient(form, authorization)) return { ...refusal("invalid_client"), status: 401 };
    switch (grantType) {
      case "authorization_code":
        return grants.redeemCode(form);
      case "urn:ietf:params:oauth:grant-type:device_code":
        return grants.redeemDevice(form);
      case "refresh_token":
        return grants.refresh(form.get("refresh_token") ?? "");
      default:
        return refusal("unsupported_grant_type");
    }
  }

  function isClient(form: URLSearchParams, authorization: string | undefined): boolean {
    if (clientSecret === undefined) return form.get("client_id") === clientId;
    if (form.get("client_id") === clientId && form.get("client_secret") === clientSecret) return true;
    const basic = /^Basic (.+)$/.exec(authorization ?? "")?.[1] ?? "";
    const [id, secret] = Buffer.from(basic, "base64").toString().split(":").map(formDecoded);
    return id === clientId && secret === clientSecret;
  }

  return {
    url,
    issuer: url,
    authorizationUrl: `${url}/authorize`,
    tokenUrl: `${url}/token`,
    deviceUrl: `${url}/device`,
    clientId,
    issue: (accountId = defaultAccount) => grants.issue(accountId),
    async authorize(authorizationUrl, consent = {}) {
      nextConsent = consent;
      const response = await fetch(authorizationUrl, { redirect: "manual" });
      await response.body?.cancel();
      const location = response.headers.get("location");
      if (location === null) throw new Error(`the authorization request was refused with ${response.status}`);
      return new URL(location);
    },
    settleDevice: (userCode, { accountId = defaultAccount, error } = {}) =>
      grants.settleDevice(userCode, error === undefined ? { accountId } : "denied"),
    script: (...added) => void steps.push(...added),
    unusedSteps: () => steps.length,
    requests,
    tokenRequests: (grantType) => requests.filter((seen) => grantType === undefined || seen.grantType === grantType).length,
    waitForTokenRequests(count) {
      if (requests.length >= count) return Promise.resolve();
      const reached = Promise.withResolvers<void>();
      watchers = [...watchers, { count, reached }];
      return reached.promise;
    },
    reuses: () => grants.reuses(),
    isAlive: (refreshToken) => grants.isAlive(refreshToken),
    revoke: (refreshToken) => grants.revoke(refreshToken),
    async close() {
      const error = new Error("the fake identity provider was closed");
      closing.abort(error);
      for (const { reached } of watchers) reached.reject(error);
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      server.closeAllConnections();
      await closed.promise;
    },
  };
}

function withFields(answer: FakeAnswer, fields: Readonly<Record<string, unknown>>): FakeAnswer {
  return answer.status === 200 ? { ...answer, body: { ...answer.body, ...fields } } : answer;
}

/** RFC 6749 section 2.3.1: the parts of Basic are form-encoded first. */
function formDecoded(text: string): string {
  return decodeURIComponent(text.replaceAll("+", " "));
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
}
