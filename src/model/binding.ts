/** A filter put on a port: libvirt's `<filterbinding>`. */
import type { Parameter } from './filter.js';

export interface Binding {
  /** Name of the host's interface (`vnet0`). */
  readonly port: string;
  readonly filter: string;
  /** Canonical MAC of the guest's interface; fills `$MAC` unless a parameter does. */
  readonly mac: string | undefined;
  readonly owner: { readonly name: string; readonly uuid?: string } | undefined;
  readonly parameters: readonly Parameter[];
}
