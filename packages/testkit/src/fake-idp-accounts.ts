import { createHash, randomUUID } from "node:crypto";

/** What a token endpoint hands out, before it is JSON. */
export interface FakeTokens {
  readonly access: string;
  readonly refresh: string;
  readonly accountId: string;
}

/** A JSON answer of an endpoint. */
export interface FakeAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface FakeGrantsOptions {
  readonly now: () => number;
  readonly expiresInSeconds: number;
  /** Whether a refresh gives a new refresh token and spends the old one. */
  readonly rotates: boolean;
  readonly graceMs: number;
}

interface Family {
  readonly accountId: string;
  isRevoked: boolean;
}

interface RefreshToken {
  readonly family: Family;
  spent: { readonly at: number; readonly successor: FakeTokens } | undefined;
}

interface PendingCode {
  readonly accountId: string;
  readonly challenge: string;
  readonly redirectUri: string;
}

interface PendingDevice {
  readonly userCode: string;
  outcome: { readonly accountId: string } | "denied" | undefined;
}

/** The state of an identity provider: codes, devices, and refresh tokens by family. No HTTP. */
export interface FakeGrants {
  issue(accountId: string): FakeTokens;
  rememberCode(pending: PendingCode): string;
  redeemCode(form: URLSearchParams): FakeAnswer;
  beginDevice(): { readonly deviceCode: string; readonly userCode: string };
  settleDevice(userCode: string, outcome: { readonly accountId: string } | "denied"): void;
  redeemDevice(form: URLSearchParams): FakeAnswer;
  refresh(token: string): FakeAnswer;
  revoke(token: string): void;
  /** Whether a refresh with it would be answered now. Asking changes nothing. */
  isAlive(token: string): boolean;
  reuses(): number;
}

export function createFakeGrants({ now, expiresInSeconds, rotates, graceMs }: FakeGrantsOptions): FakeGrants {
  const refreshTokens = new Map<string, RefreshToken>();
  const codes = new Map<string, PendingCode>();
  const devices = new Map<string, PendingDevice>();
  let reuses = 0;

  function issueTo(family: Family): FakeTokens {
    const tokens: FakeTokens = {
      access: fakeAccessToken(family.accountId, Math.floor(now() / 1000) + expiresInSeconds),
      refresh: `test-refresh-${randomUUID()}`,
      accountId: family.accountId,
    };
    refreshTokens.set(tokens.refresh, { family, spent: undefined });
    return tokens;
  }

  function isGraced(token: RefreshToken): boolean {
    return token.spent !== undefined && now() - token.spent.at < graceMs;
  }

  function answerWith(tokens: FakeTokens): FakeAnswer {
    return {
      status: 200,
      body: { access_token: tokens.access, refresh_token: tokens.refresh, token_type: "Bearer", expires_in: expiresInSeconds },
    };
  }

  return {
    issue: (accountId) => issueTo({ accountId, isRevoked: false }),
    rememberCode(pending) {
      const code = `test-code-${randomUUID()}`;
      codes.set(code, pending);
      return code;
    },
    redeemCode(form) {
      const code = form.get("code") ?? "";
      const pending = codes.get(code);
      codes.delete(code);
      if (!pending) return refusal("invalid_grant", "the code is unknown or was used");
      if (form.get("redirect_uri") !== pending.redirectUri) return refusal("invalid_grant", "redirect_uri differs");
      const challenge = createHash("sha256")
        .update(form.get("code_verifier") ?? "")
        .digest("base64url");
      if (challenge !== pending.challenge) return refusal("invalid_grant", "the verifier does not match");
      return answerWith(issueTo({ accountId: pending.accountId, isRevoked: false }));
    },
    beginDevice() {
      const deviceCode = `test-device-${randomUUID()}`;
      const userCode = randomUUID().slice(0, 8).toUpperCase();
      devices.set(deviceCode, { userCode, outcome: undefined });
      return { deviceCode, userCode };
    },
    settleDevice(userCode, outcome) {
      const device = [...devices.values()].find((pending) => pending.userCode === userCode);
      if (!device) throw new RangeError(`no device shows the code ${userCode}`);
      device.outcome = outcome;
    },
    redeemDevice(form) {
      const deviceCode = form.get("device_code") ?? "";
      const device = devices.get(deviceCode);
      if (!device) return refusal("expired_token", "no such device code");
      if (device.outcome === undefined) return refusal("authorization_pending");
      devices.delete(deviceCode);
      if (device.outcome === "denied") return refusal("access_denied", "the person said no");
      return answerWith(issueTo({ accountId: device.outcome.accountId, isRevoked: false }));
    },
    refresh(value) {
      const token = refreshTokens.get(value);
      if (!token) return refusal("invalid_grant", "unknown refresh token");
      if (token.family.isRevoked) return refusal("invalid_grant", "the family was revoked");
      if (token.spent && isGraced(token)) return answerWith(token.spent.successor);
      if (token.spent) {
        reuses += 1;
        token.family.isRevoked = true;
        return refusal("invalid_grant", "refresh_token_reused");
      }
      const successor = issueTo(token.family);
      if (rotates) {
        token.spent = { at: now(), successor };
        return answerWith(successor);
      }
      refreshTokens.delete(successor.refresh);
      return answerWith({ ...successor, refresh: value });
    },
    revoke(value) {
      const token = refreshTokens.get(value);
      if (token) token.family.isRevoked = true;
    },
    isAlive(value) {
      const token = refreshTokens.get(value);
      return token !== undefined && !token.family.isRevoked && (token.spent === undefined || isGraced(token));
    },
    reuses: () => reuses,
  };
}

/** An OAuth error answer. */
export function refusal(error: string, description?: string): FakeAnswer {
  return { status: 400, body: { error, ...(description === undefined ? {} : { error_description: description }) } };
}

/** A JWT nobody signed: `sub`, `account_id` and ChatGPT's claim hold the account, `email` its address, `jti` makes it one of its kind. */
function fakeAccessToken(accountId: string, expiresAtSeconds: number): string {
  const claims = {
    sub: accountId,
    account_id: accountId,
    "https://api.openai.com/auth": { chatgpt_account_id: accountId },
    email: `${accountId}@example.test`,
    exp: expiresAtSeconds,
    jti: randomUUID(),
  };
  return [{ alg: "none", typ: "JWT" }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".") + ".test";
}
