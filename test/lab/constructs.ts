/** Everything that nwgate and libvirt are compared on. */
import { BUILT_IN_CONSTRUCTS, type Construct } from './construct.js';
import { DIFFERENCE_CONSTRUCTS } from './constructs-differences.js';
import { PROTOCOL_CONSTRUCTS } from './constructs-protocols.js';
import { RULE_CONSTRUCTS } from './constructs-rules.js';
import { STATE_CONSTRUCTS } from './constructs-states.js';
import { VARIABLE_CONSTRUCTS } from './constructs-variables.js';

export const CONSTRUCTS: readonly Construct[] = [
  ...BUILT_IN_CONSTRUCTS,
  ...PROTOCOL_CONSTRUCTS,
  ...RULE_CONSTRUCTS,
  ...VARIABLE_CONSTRUCTS,
  ...STATE_CONSTRUCTS,
  ...DIFFERENCE_CONSTRUCTS,
];
