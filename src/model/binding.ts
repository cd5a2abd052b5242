/** A filter put on a port: libvirt's `<filterbinding>`. */
import type { Parameter } from './filter.js';

export interface Binding {
  /**
   * Name of the host's interface (`vnet0`). Or this is a claim, `mac:52:54:00:12:34:56` or `vm:web1`: it has no rules itself;
   * each interface of that guest or machine is bound alike as long as it is there, unless a binding names it.
   */
  readonly port: string;
  readonly filter: string;
  /** Canonical MAC of the guest's interface; fills `$MAC` unless a parameter does. */
  readonly mac: string | undefined;
  readonly owner: { readonly name: string; readonly uuid?: string } | undefined;
  readonly parameters: readonly Parameter[];
  /** The claim that bound this port; absent where somebody named the port. */
  readonly claim?: string;
}
