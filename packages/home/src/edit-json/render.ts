/** What JSON can hold. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [name: string]: JsonValue };

/** How new text is to look. */
export interface JsonStyle {
  /** The indentation of the line it begins on; without one all goes on one line. */
  readonly indentation: string | undefined;
  /** What a level adds to it. */
  readonly unit: string;
  readonly lineEnd: string;
  /** Names without quotes where they need none. */
  readonly hasBareNames: boolean;
  /** No space after colons and commas. */
  readonly isCompact: boolean;
}

/** A member: its name, a colon, its value. */
export function renderMember(name: string, value: JsonValue, style: JsonStyle): string {
  const isBare = style.hasBareNames && /^[A-Za-z_$][\w$]*$/.test(name);
  return `${isBare ? name : JSON.stringify(name)}:${style.isCompact ? "" : " "}${renderValue(value, style)}`;
}

/** A value. The line it begins on is not indented here. */
export function renderValue(value: JsonValue, style: JsonStyle): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const isList = isJsonList(value);
  const inner = style.indentation === undefined ? style : { ...style, indentation: style.indentation + style.unit };
  const parts = isList
    ? value.map((item) => renderValue(item, inner))
    : Object.entries(value).map(([name, member]) => renderMember(name, member, inner));
  const [open, close] = isList ? ["[", "]"] : ["{", "}"];
  if (parts.length === 0) return open + close;
  if (style.indentation === undefined) {
    const pad = isList || style.isCompact ? "" : " ";
    return open + pad + parts.join(style.isCompact ? "," : ", ") + pad + close;
  }
  const newLine = style.lineEnd + inner.indentation;
  return open + newLine + parts.join(`,${newLine}`) + style.lineEnd + style.indentation + close;
}

function isJsonList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
