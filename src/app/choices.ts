/** What operations let their callers choose, for those who offer the choice without loading the checks of input. */

/** What an import does with what is there already. */
export const ON_CONFLICT = ['fail', 'replace', 'skip'] as const;

/** How compiled rules are shown. */
export const COMPILE_FORMATS = ['restore', 'commands', 'json'] as const;

/** So many frames are explained at once. */
export const MOST_FRAMES = 1000;
