import { Secret } from "@openclaw/secrets";
import { readText, type UnknownRecord } from "../record.ts";
import { clampInterval } from "./device-pace.ts";
import type { Answer } from "./read-answer.ts";
import { judgeTokenAnswer, readJsonObject, readSeconds, type TokenVerdict } from "./token-answer.ts";

const DEFAULT_INTERVAL_SECONDS = 5;
const LONGEST_LOGIN_SECONDS = 3600;

/** What a device login begins with. */
export interface DeviceOffer {
  readonly deviceCode: Secret;
  readonly userCode: string;
  readonly verificationUri: string;
  readonly verificationUriComplete?: string;
  readonly lifeSeconds: number;
  readonly intervalSeconds: number;
}

/** Reads RFC 8628 section 3.2. Anything but an offer is judged as a token answer would be. */
export function readDeviceOffer(answer: Answer, now: number): DeviceOffer | { readonly verdict: TokenVerdict } {
  const json = answer.kind === "answered" && answer.status < 300 ? readJsonObject(answer) : undefined;
  if (json === undefined || typeof json === "string" || json["error"] !== undefined) {
    return { verdict: judgeTokenAnswer(answer, { askedAt: now, now }) };
  }
  const deviceCode = readText(json["device_code"]);
  const userCode = readText(json["user_code"]);
  const verificationUri = readWebAddress(json, "verification_uri") ?? readWebAddress(json, "verification_url");
  const verificationUriComplete = readWebAddress(json, "verification_uri_complete");
  const lifeSeconds = readSeconds(json["expires_in"]);
  const bad = (why: string): { readonly verdict: TokenVerdict } => ({ verdict: { kind: "bad", why: `answered HTTP 200, but ${why}` } });
  if (deviceCode === undefined) return bad("it holds no device code");
  // It is printed in a terminal and typed by a person.
  if (userCode === undefined || !/^[\x20-\x7E]{1,64}$/.test(userCode)) return bad("its user code cannot be shown");
  if (verificationUri === undefined) return bad("its verification_uri is not an http or https address");
  if (lifeSeconds === undefined) return bad("its expires_in is not a positive number");
  return {
    deviceCode: Secret.of(deviceCode),
    userCode,
    verificationUri,
    ...(verificationUriComplete !== undefined && { verificationUriComplete }),
    lifeSeconds: Math.min(lifeSeconds, LONGEST_LOGIN_SECONDS),
    intervalSeconds: clampInterval(readSeconds(json["interval"]) ?? DEFAULT_INTERVAL_SECONDS),
  };
}

/** An address a browser may be sent to, as the URL parser spells it: without control characters. */
function readWebAddress(json: UnknownRecord, name: string): string | undefined {
  const text = readText(json[name]);
  if (text === undefined || text.length > 2048 || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  return (url.protocol === "https:" || url.protocol === "http:") && url.username === "" && url.password === "" ? url.href : undefined;
}
