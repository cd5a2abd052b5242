/** A port's rules for people and for other hosts: all that a kernel without anything of ours needs. */
import { chainLines } from './chains.js';
import { dispatchChains } from './dispatch.js';
import { HOOKS, TABLE } from './frame.js';
import { ruleWords, shellLine } from './line.js';
import { type ChainRule, type PortRuleset, TOOLS, type Tool } from './ruleset.js';
import { declaration, insertions, restoreText } from './transition.js';

/** Input of each tool's `-restore --noflush`, under a heading `# <tool>`; a tool without rules has an empty section. */
export function renderPort(ruleset: PortRuleset): string {
  return TOOLS.map((tool) => `# ${tool}\n${renderTool(ruleset, tool)}`).join('');
}

/** The section of one tool; '' where the port has no rules for it. */
export function renderTool(ruleset: PortRuleset, tool: Tool): string {
  const chains = allChains(ruleset, tool);
  if (chains.length === 0) return '';
  const lines = chains.flatMap(([name, rules]) => [
    declaration(tool, name),
    ...chainLines(tool, rules).map((line) => `-A ${name} ${line}`),
  ]);
  return restoreText(tool, [...lines, ...insertions(HOOKS[tool])]);
}

/** The same as command lines for a shell. */
export function renderCommands(ruleset: PortRuleset): string {
  const lines = TOOLS.flatMap((tool) => {
    const chains = allChains(ruleset, tool);
    const make = ([name]: NamedRules) => (tool === 'ebtables' ? ['-N', name, '-P', 'RETURN'] : ['-N', name]);
    const commands = [
      ...chains.map(make),
      ...chains.flatMap(([name, rules]) => rules.map((rule) => ['-A', name, ...ruleWords(tool, rule)])),
      ...(chains.length > 0 ? insertions(HOOKS[tool]).map((line) => line.split(' ')) : []),
    ];
    return commands.map((words) => shellLine([tool, '-t', TABLE[tool], ...words]));
  });
  return lines.map((line) => `${line}\n`).join('');
}

type NamedRules = readonly [name: string, rules: readonly ChainRule[]];

function allChains({ port, tools }: PortRuleset, tool: Tool): readonly NamedRules[] {
  const { fromGuest, toGuest, chains } = tools[tool];
  if (fromGuest === undefined && toGuest === undefined) return [];
  return [
    ...chains.map(({ name, rules }): NamedRules => [name, rules]),
    ...dispatchChains(tool, new Map([[port, { fromGuest, toGuest }]])),
  ];
}
