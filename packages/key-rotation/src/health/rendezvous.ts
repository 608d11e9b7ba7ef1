/**
 * Highest random weight hashing (Thaler and Ravishankar, 1998): each pair of a session and a credential has a weight of its
 * own, and a session belongs to the credential with the highest. Where one goes, only its sessions move.
 */
export function weightOf(session: number, credential: number): number {
  return mixed(session ^ Math.imul(credential, 0x9e3779b1));
}

/** A number of 32 bits for a text (FNV-1a), well mixed. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return mixed(hash);
}

/** The finalizer of MurmurHash3: every bit of the input moves half of the bits of the output. */
function mixed(value: number): number {
  let hash = value ^ (value >>> 16);
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
