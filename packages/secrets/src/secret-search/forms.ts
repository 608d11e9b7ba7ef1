/** How a value is written where it was found. `escaped`: a mixture of JSON and percent escapes. */
export type SecretForm = "plain" | "json" | "percent" | "hex" | "base64" | "base64url" | "utf16le" | "utf16be" | "escaped";

/** A way of writing a value. */
export interface Needle {
  readonly form: SecretForm;
  readonly bytes: Buffer;
}

/** A value of fewer bytes stands in ordinary text by chance. */
export const SHORTEST = 8;

/** The shortest lines that programs wrap base64 at (MIME 76, PEM 64), with room to spare. */
const WRAPPED_LINE = 60;

/** Every way of writing a value that is looked for as a whole, each once. */
export function formsOf(value: Buffer): readonly Needle[] {
  const text = value.toString("utf8");
  const json = JSON.stringify(text).slice(1, -1);
  const base64 = [0, 1, 2].map((shift) => base64Of(value, shift));
  const hex = value.toString("hex");
  const utf16 = Buffer.from(text, "utf16le");
  const forms: readonly Needle[] = [
    { form: "plain", bytes: value },
    ...textForms("json", [json, json.replaceAll("/", String.raw`\/`), JSON.stringify(json).slice(1, -1)]),
    ...textForms("percent", [percentOf(text), percentOf(text).replaceAll(/%../g, (escape) => escape.toLowerCase())]),
    ...textForms("hex", [hex, hex.toUpperCase()]),
    ...textForms("base64", base64),
    ...textForms(
      "base64url",
      base64.map((text) => text.replaceAll("+", "-").replaceAll("/", "_")),
    ),
    { form: "utf16le", bytes: utf16 },
    { form: "utf16be", bytes: Buffer.from(utf16).swap16() },
  ];
  const known = new Set<string>();
  return forms.filter(({ bytes }) => {
    const key = bytes.toString("latin1");
    return known.size < known.add(key).size;
  });
}

/** Whether some line looks like one of a longer base64 text. */
export function isWrapped(bytes: Buffer): boolean {
  for (let at = bytes.indexOf(0x0a); at !== -1; at = bytes.indexOf(0x0a, at + 1)) {
    const end = bytes[at - 1] === 0x0d ? at - 1 : at;
    let start = end;
    while (start > end - WRAPPED_LINE && isBase64(bytes[start - 1])) start -= 1;
    if (start === end - WRAPPED_LINE) return true;
  }
  return false;
}

function textForms(form: SecretForm, texts: readonly string[]): readonly Needle[] {
  return texts.map((text) => ({ form, bytes: Buffer.from(text, "utf8") }));
}

/** The base64 characters that depend on `value` alone when `shift` other bytes stand before it. */
function base64Of(value: Buffer, shift: number): string {
  const text = Buffer.concat([Buffer.alloc(shift), value]).toString("base64");
  return text.slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + value.length) * 8) / 6));
}

/** A lone half of a surrogate pair, which cannot be escaped, became a replacement character when it was read. */
function percentOf(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

function isBase64(byte: number | undefined): boolean {
  return byte !== undefined && /[A-Za-z0-9+/_-]/.test(String.fromCharCode(byte));
}
