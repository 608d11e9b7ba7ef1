import type { ByteRange } from "@openclaw/home";
import { findModel, findRepeatedModels, replaceModel, type ModelMember } from "./model-member.ts";
import type { Surface } from "./surfaces.ts";

/** The model a request asks for. */
export interface RequestedModel {
  /** As the client names it. */
  readonly name: string;
  /** Where the body names it: at one place, or, where the path does, wherever that is repeated. */
  readonly members: readonly ModelMember[];
  /** Where the body may say whose conversation it is. */
  readonly user?: ByteRange | undefined;
  readonly metadata?: ByteRange | undefined;
}

/** What Google puts before the name of a model. */
const collection = "models/";

/**
 * Reads which model a request asks for: the path says so where the surface has it there, else the body.
 *
 * @throws {GatewayError} `invalid-request`.
 */
export function requestedModel(inPath: string | undefined, body: Buffer): RequestedModel {
  if (inPath !== undefined) return { name: withoutCollection(inPath), members: findRepeatedModels(body) };
  const member = findModel(body);
  return { name: member.model, members: [member], user: member.user, metadata: member.metadata };
}

/** The body for a model of a provider; every byte but its name as it was. */
export function bodyFor(model: string, { dialect }: Surface, body: Buffer, members: readonly ModelMember[]): Buffer {
  return replaceModel(body, members, dialect === "google-generative-ai" ? collection + model : model);
}

/** A model's name as it is called in a path of Google's interface, which clients write with and without `models/`. */
export function withoutCollection(name: string): string {
  return name.startsWith(collection) ? name.slice(collection.length) : name;
}
