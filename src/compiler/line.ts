/** One rule as the words of a command line, and those words as `<tool>-restore` and a shell read them. */
import type { ChainRule, Target, Test, Tool } from './ruleset.js';

/** xt_comment holds 255 octets (linux/netfilter/xt_comment.h). */
const MAX_COMMENT = 255;

/** Arguments of the rule, without `-A CHAIN`. ebtables has no comments: they are left out there. */
export function ruleWords(tool: Tool, rule: ChainRule): readonly string[] {
  const words: string[] = [];
  for (const test of rule.tests) words.push(...testWords(tool, test));
  if (rule.comment !== undefined && tool !== 'ebtables')
    words.push('-m', 'comment', ...commentWords(rule.comment));
  pushTarget(tool, rule.target, words);
  return words;
}

/** Arguments of one test. */
export function testWords(tool: Tool, { module, option, args, negated }: Test): readonly string[] {
  const words: string[] = [];
  if (module !== undefined) words.push('-m', module);
  // ebtables takes the `!` between option and value.
  const behind = tool === 'ebtables' && args.length > 0;
  if (negated && !behind) words.push('!');
  words.push(option);
  if (negated && behind) words.push('!');
  words.push(...args);
  return words;
}

/** CONTINUE is no target of iptables: a rule without one counts and goes on, which is the same. */
function pushTarget(tool: Tool, target: Target, words: string[]): void {
  if (target.kind === 'goto') words.push('-g', target.chain);
  else if (target.kind === 'jump') words.push('-j', target.chain);
  else if (target.verdict !== 'CONTINUE' || tool === 'ebtables') words.push('-j', target.verdict);
}

/** iptables-restore looks for `-t` in every word that starts with a dash, so such a text stands in its option's word. */
function commentWords(text: string): readonly string[] {
  const short = clip(text);
  return short.startsWith('-') ? [`--comment=${short}`] : ['--comment', short];
}

/** As many whole characters as fit. */
function clip(text: string): string {
  if (text.length * 3 <= MAX_COMMENT) return text;
  let octets = 0;
  let end = 0;
  for (const character of text) {
    octets += Buffer.byteLength(character);
    if (octets > MAX_COMMENT) return text.slice(0, end);
    end += character.length;
  }
  return text;
}

const PLAIN = /^[A-Za-z0-9_.,:;=/+@%!-]+$/;

/** Words of a restore line: blanks and quotes between double quotes, `"` and `\` behind a backslash. */
export function restoreLine(words: readonly string[]): string {
  return words.map((word) => (PLAIN.test(word) ? word : `"${word.replace(/["\\]/g, '\\$&')}"`)).join(' ');
}

/** Words as a POSIX shell reads them. */
export function shellLine(words: readonly string[]): string {
  return words.map((word) => (PLAIN.test(word) ? word : `'${word.replace(/'/g, "'\\''")}'`)).join(' ');
}
