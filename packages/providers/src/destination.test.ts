import { describe, expect, test } from "vitest";
import { parseBaseUrl, permitsAddress } from "./destination.ts";
import { ProviderError } from "./errors.ts";

function refusal(text: string, isLocal?: boolean): string {
  try {
    const url = parseBaseUrl(text, isLocal === undefined ? {} : { isLocal });
    return `passed as ${url.href}`;
  } catch (error) {
    if (!(error instanceof ProviderError) || error.code !== "base-url-refused") throw error;
    return error.message;
  }
}

describe("T23: a base URL", () => {
  test.each([
    ["https://api.openai.com/v1", "https://api.openai.com/v1"],
    ["https://api.openai.com:443/v1", "https://api.openai.com/v1"],
    ["https://API.OpenAI.com./v1", "https://api.openai.com/v1"],
    ["https://8.8.8.8/v1", "https://8.8.8.8/v1"],
    ["https://[2606:4700::1111]/v1", "https://[2606:4700::1111]/v1"],
    ["http://127.0.0.1:11434", "http://127.0.0.1:11434/"],
    ["http://127.9.9.9/", "http://127.9.9.9/"],
    ["http://[::1]:8000/v1", "http://[::1]:8000/v1"],
    ["http://localhost:4000", "http://localhost:4000/"],
    ["http://localhost.:4000", "http://localhost:4000/"],
    ["http://llm.localhost:4000", "http://llm.localhost:4000/"],
    ["http://2130706433/", "http://127.0.0.1/"],
    ["http://0x7f.1/", "http://127.0.0.1/"],
    ["http://0177.0.0.1/", "http://127.0.0.1/"],
  ])("%s passes as %s", (text, href) => {
    expect(parseBaseUrl(text).href).toBe(href);
  });

  test.each([
    ["http://api.openai.com/v1", "http goes to this machine only"],
    ["http://localhost.evil.example/", "http goes to this machine only"],
    ["http://127.0.0.1.evil.example/", "http goes to this machine only"],
    ["http://evil.example?q=api.openai.com", "a query"],
    ["https://api.openai.com/v1?key=1", "a query"],
    ["https://api.openai.com/?", "a query"],
    ["https://api.openai.com/v1#x", "a fragment"],
    ["https://api.openai.com@evil.example/", "a user name or password"],
    ["https://user:secret-word@api.openai.com/", "a user name or password"],
    ["https:\\\\api.openai.com@evil.example", "a user name or password"],
    ["https://{location}-aiplatform.googleapis.com", "a placeholder"],
    ["https://gateway.ai.cloudflare.com/v1/{accountId}/x", "a placeholder"],
    ["https://api..example/", "an empty part"],
    ["https://api.example../", "an empty part"],
    ["ftp://api.openai.com/", "neither https nor http"],
    ["gopher://api.openai.com/", "neither https nor http"],
    ["file:///etc/passwd", "neither https nor http"],
    ["javascript:alert(1)", "neither https nor http"],
    ["api.openai.com/v1", "not a URL"],
    ["https://[fe80::1%25eth0]/", "not a URL"],
    ["", "not a URL"],
    ["https://192.168.1.5/v1", "a private address"],
    ["https://10.0.0.1/", "a private address"],
    ["https://172.31.255.255/", "a private address"],
    ["https://100.64.0.1/", "a private address"],
    ["https://[fd12:3456::1]/", "a private address"],
    ["https://[::ffff:10.0.0.1]/", "a private address"],
    ["https://167772161/", "a private address"],
  ])("%s is refused: %s", (text, rule) => {
    expect(refusal(text)).toContain(`Base URL refused: `);
    expect(refusal(text)).toContain(rule);
  });

  test.each([
    ["http://192.168.1.5:8000/v1", "http://192.168.1.5:8000/v1"],
    ["https://10.1.2.3/", "https://10.1.2.3/"],
    ["http://172.16.0.1/", "http://172.16.0.1/"],
    ["http://100.127.0.1/", "http://100.127.0.1/"],
    ["http://[fd12:3456::1]:8080/", "http://[fd12:3456::1]:8080/"],
    ["http://ollama.lan:11434", "http://ollama.lan:11434/"],
  ])("%s passes for a provider the operator declared local", (text, href) => {
    expect(parseBaseUrl(text, { isLocal: true }).href).toBe(href);
  });

  test.each([
    "http://169.254.169.254/latest",
    "https://169.254.0.1/",
    "http://2852039166/",
    "http://0xa9fea9fe/",
    "http://0251.0376.0251.0376/",
    "http://[::ffff:169.254.169.254]/",
    "http://[::ffff:a9fe:a9fe]/",
    "http://[::169.254.169.254]/",
    "http://[64:ff9b::a9fe:a9fe]/",
    "http://[2002:a9fe:a9fe::]/",
    "http://[fe80::1]/",
    "http://[fd00:ec2::254]/",
    "http://metadata.google.internal/",
    "http://metadata.google.internal./",
    "http://METADATA.google.internal/",
    "http://100.100.100.200/",
    "http://168.63.129.16/",
    "http://0.0.0.0:8000/",
    "http://0/",
    "http://[::]/",
    "http://[::ffff:0.0.0.0]/",
    "http://224.0.0.1/",
    "http://255.255.255.255/",
  ])("%s is refused, declared local or not", (text) => {
    expect(refusal(text)).toContain("link-local, metadata or unspecified");
    expect(refusal(text, true)).toContain("link-local, metadata or unspecified");
  });

  test("a refusal repeats nothing of the text, which may be a pasted key", () => {
    for (const text of ["https://user:test-key-one@api.example/", "test-key-one", "https://test-key-one..example"]) {
      expect(refusal(text)).not.toContain("test-key-one");
    }
  });
});

describe("T4: the address a name turns out to have", () => {
  test.each<[string, string, boolean, boolean]>([
    ["api.example", "93.184.216.34", false, true],
    ["api.example", "2606:2800:220:1::1", false, true],
    ["api.example", "10.0.0.5", false, false],
    ["api.example", "10.0.0.5", true, true],
    ["api.example", "127.0.0.1", false, false],
    ["api.example", "127.0.0.1", true, true],
    ["api.example", "169.254.169.254", false, false],
    ["api.example", "169.254.169.254", true, false],
    ["api.example", "::ffff:169.254.169.254", true, false],
    ["api.example", "fe80::1", true, false],
    ["api.example", "0.0.0.0", true, false],
    ["api.example", "64:ff9b::5db8:d822", false, true],
    ["api.example", "64:ff9b::a9fe:a9fe", true, false],
    ["api.example", "64:ff9b::a00:5", false, false],
    ["localhost", "127.0.0.1", false, true],
    ["localhost", "::1", false, true],
    ["evil.localhost", "93.184.216.34", true, false],
  ])("%s at %s, local %s: %s", (hostname, address, isLocal, isPermitted) => {
    expect(permitsAddress(hostname, address, { isLocal })).toBe(isPermitted);
  });
});
