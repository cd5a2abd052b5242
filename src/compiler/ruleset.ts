/**
 * What the compiler makes: frozen values, complete for one port, that text is only a rendering of. The applier, `compile`
 * and `explain` all read this and nothing else.
 */
import type { Place } from '../model/errors.js';

export const TOOLS = ['ebtables', 'iptables', 'ip6tables'] as const;
export type Tool = (typeof TOOLS)[number];

/** One option of the tool: `-m MODULE [!] OPTION ARGS` (ebtables writes the `!` after the option). */
export interface Test {
  readonly module?: string;
  readonly option: string;
  readonly args: readonly string[];
  readonly negated: boolean;
}

export type Verdict = 'ACCEPT' | 'DROP' | 'RETURN' | 'REJECT' | 'CONTINUE';

export type Target =
  | { readonly kind: 'verdict'; readonly verdict: Verdict }
  | { readonly kind: 'jump'; readonly chain: string }
  /** As jump, but a RETURN there goes back to the caller of this chain (iptables `-g`). */
  | { readonly kind: 'goto'; readonly chain: string };

export interface ChainRule {
  readonly tests: readonly Test[];
  readonly target: Target;
  readonly comment?: string;
  /** The rule of the native filter it came from; absent for rules of the frame (jumps, closing ACCEPT). */
  readonly source?: Place;
}

/**
 * A chain named by its content: two ports whose chains hold the same rules share one, a changed chain is a new chain, and
 * a fresh process can tell from the name what is in it.
 */
export interface Chain {
  readonly name: string;
  readonly rules: readonly ChainRule[];
}

/** The chains of one tool for one port. A side without rules has no chain and the packet passes untouched. */
export interface ToolRuleset {
  /** Entered by what comes from the guest, whether forwarded or for the host itself. */
  readonly fromGuest: string | undefined;
  /** Entered by what goes to the guest. */
  readonly toGuest: string | undefined;
  /** Every chain reachable from the two, a chain before those that jump to it. */
  readonly chains: readonly Chain[];
}

export interface PortRuleset {
  readonly port: string;
  readonly tools: Readonly<Record<Tool, ToolRuleset>>;
}

/** Input for one run of `<tool>-restore --noflush`. */
export interface Batch {
  readonly tool: Tool;
  readonly input: string;
}

/** Where a port's packets go: the chain each side enters, undefined for a side without rules. */
export interface Entry {
  readonly fromGuest: string | undefined;
  readonly toGuest: string | undefined;
}

/** What one tool's tables hold that is ours, as far as names tell. */
export interface ToolView {
  /**
   * Jumps from the kernel's own chains to our base chains, as `FORWARD nwgate-from`, each as often as it is there, in the
   * order of the tool's `-save`. Complete when equal to `HOOKS` of the tool (frame.ts).
   */
  readonly hooks: readonly string[];
  /** The base chains and the dispatch chains under them (`nwgate-…`). */
  readonly dispatch: ReadonlySet<string>;
  /** Ports that the dispatch chains know. */
  readonly ports: ReadonlyMap<string, Entry>;
  /** All content chains of ours (`nwg-…`), with the chains each jumps to, in order, each once. */
  readonly chains: ReadonlyMap<string, readonly string[]>;
}

export type KernelView = Readonly<Record<Tool, ToolView>>;
