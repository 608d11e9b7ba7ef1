import type { Pattern } from "./patterns.ts";

/**
 * An Aho-Corasick automaton: after each byte its state names the longest end of the text that begins a
 * pattern. States are numbered so that the first child of a state made after it is `state + 1`: only
 * forks need a table, and a set of many long values stays small.
 */
export interface Automaton {
  readonly stateCount: number;
  /**
   * The byte that leads to a state, and flags: HEAD where the state before is not its parent, ENDING where
   * a pattern ends. So `labels[state + 1] === byte` says: go on to `state + 1`, and there is nothing to tell.
   */
  readonly labels: Uint16Array;
  readonly failures: Int32Array;
  readonly depths: Int32Array;
  /** The nearest state, this one or along its failures, that ends a pattern; 0 for none. */
  readonly outputs: Int32Array;
  /** Bits WORD, {@link ANYWHERE} and FORKED. */
  readonly kinds: Uint8Array;
  readonly fromRoot: Int32Array;
  readonly forks: Forks;
}

/** Children that are not `state + 1`, by open addressing. Child 0 is an empty place. */
interface Forks {
  readonly parents: Int32Array;
  readonly children: Int32Array;
  readonly mask: number;
}

/** A pattern that counts between word boundaries ends here. */
const WORD = 1;
/** A pattern that counts anywhere ends here. */
export const ANYWHERE = 2;
const FORKED = 4;
const HEAD = 0x100;
const ENDING = 0x200;
/** All of a label but ENDING. */
const PATH = 0x1ff;

/** The state after one more byte. */
export function step(automaton: Automaton, from: number, byte: number): number {
  const { labels, failures, kinds, fromRoot } = automaton;
  for (let state = from; state !== 0; state = failures[state] ?? 0) {
    if (((labels[state + 1] ?? HEAD) & PATH) === byte) return state + 1;
    if (((kinds[state] ?? 0) & FORKED) !== 0) {
      const child = childOf(automaton, state, byte);
      if (child !== 0) return child;
    }
  }
  return fromRoot[byte] ?? 0;
}

/** How many of the last bytes may still become part of a pattern, or are a word of which the end is not known. */
export function openDepth({ labels, failures, depths, outputs, kinds }: Automaton, state: number): number {
  let open = state;
  while (open !== 0 && ((labels[open + 1] ?? HEAD) & HEAD) !== 0 && ((kinds[open] ?? 0) & FORKED) === 0) open = failures[open] ?? 0;
  const output = outputs[state] ?? 0;
  const isWord = ((kinds[output] ?? 0) & ANYWHERE) === 0;
  return Math.max(depths[open] ?? 0, isWord ? (depths[output] ?? 0) : 0);
}

/** Builds the automaton in time and memory linear in the bytes of the patterns. */
export function createAutomaton(patterns: readonly Pattern[]): Automaton {
  const most = patterns.reduce((sum, { bytes }) => sum + bytes.length, 1);
  const places = 2 ** Math.ceil(Math.log2(patterns.length * 2 + 2));
  const parentsOfHeads = new Int32Array(most);
  const forks = { parents: new Int32Array(places), children: new Int32Array(places), mask: places - 1 };
  const growing = {
    stateCount: 1,
    labels: new Uint16Array(most + 1).fill(HEAD),
    failures: parentsOfHeads,
    depths: new Int32Array(most),
    outputs: new Int32Array(most),
    kinds: new Uint8Array(most),
    fromRoot: new Int32Array(256),
    forks,
  };
  for (const pattern of patterns) insert(growing, pattern);
  link(growing);
  return growing;
}

type Growing = Automaton & { stateCount: number };

function insert(automaton: Growing, { bytes, isWord }: Pattern): void {
  const { labels, depths, kinds } = automaton;
  let state = 0;
  let index = 0;
  for (; index < bytes.length; index += 1) {
    const byte = bytes[index] ?? 0;
    const child = state !== 0 && labels[state + 1] === byte ? state + 1 : childOf(automaton, state, byte);
    if (child === 0) break;
    state = child;
  }
  if (index < bytes.length) addFork(automaton, state, bytes[index] ?? 0);
  for (const first = index; index < bytes.length; index += 1) {
    state = automaton.stateCount;
    automaton.stateCount += 1;
    labels[state] = (bytes[index] ?? 0) | (index === first ? HEAD : 0);
    depths[state] = index + 1;
  }
  kinds[state] = (kinds[state] ?? 0) | (isWord ? WORD : ANYWHERE);
}

/** Makes the next new state a child of `parent`, which its failure link tells until links are made. */
function addFork(automaton: Growing, parent: number, byte: number): void {
  const { kinds, failures, fromRoot, forks, stateCount } = automaton;
  if (parent === 0) fromRoot[byte] = stateCount;
  kinds[parent] = (kinds[parent] ?? 0) | FORKED;
  failures[stateCount] = parent;
  let place = placeOf(parent, byte, forks.mask);
  while (forks.children[place] !== 0) place = (place + 1) & forks.mask;
  forks.parents[place] = parent;
  forks.children[place] = stateCount;
}

function childOf({ labels, fromRoot, forks }: Automaton, parent: number, byte: number): number {
  if (parent === 0) return fromRoot[byte] ?? 0;
  for (let place = placeOf(parent, byte, forks.mask); ; place = (place + 1) & forks.mask) {
    const child = forks.children[place] ?? 0;
    if (child === 0 || (forks.parents[place] === parent && ((labels[child] ?? 0) & PATH) === (byte | HEAD))) return child;
  }
}

function placeOf(parent: number, byte: number, mask: number): number {
  const mixed = Math.imul(Math.imul(parent, 0x9e3779b1) ^ byte, 0x85ebca6b);
  return (mixed ^ (mixed >>> 15)) & mask;
}

/** Sets failure and output links, shallow states first. */
function link(automaton: Automaton): void {
  const { labels, failures, outputs, kinds } = automaton;
  for (const state of byDepth(automaton)) {
    const label = labels[state] ?? 0;
    const parent = (label & HEAD) !== 0 ? (failures[state] ?? 0) : state - 1;
    const failure = parent === 0 ? 0 : step(automaton, failures[parent] ?? 0, label & 0xff);
    failures[state] = failure;
    outputs[state] = ((kinds[state] ?? 0) & (WORD | ANYWHERE)) === 0 ? (outputs[failure] ?? 0) : state;
    if (outputs[state] !== 0) labels[state] = label | ENDING;
  }
}

function byDepth({ stateCount, depths }: Automaton): Int32Array {
  const deepest = depths.reduce((deepest, depth) => Math.max(deepest, depth), 0);
  const next = new Int32Array(deepest + 2);
  for (let state = 1; state < stateCount; state += 1) {
    const after = (depths[state] ?? 0) + 1;
    next[after] = (next[after] ?? 0) + 1;
  }
  for (let depth = 1; depth < next.length; depth += 1) next[depth] = (next[depth] ?? 0) + (next[depth - 1] ?? 0);
  const sorted = new Int32Array(stateCount - 1);
  for (let state = 1; state < stateCount; state += 1) {
    const depth = depths[state] ?? 0;
    const place = next[depth] ?? 0;
    sorted[place] = state;
    next[depth] = place + 1;
  }
  return sorted;
}
