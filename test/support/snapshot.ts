/** What the netfilter tables of a namespace hold, as text that can be compared. */
import type { Station } from './netns.js';

const SAVES = ['ebtables-save', 'iptables-save', 'ip6tables-save'];

/**
 * All rules there are. Left out, as they mean nothing: dates, counters, and tables and chains of the kernel that hold no
 * rule and accept, which the tools make when they first look for them.
 */
export async function snapshot(station: Station): Promise<string> {
  const saved = await Promise.all(
    SAVES.map(async (save) => `# ${save}\n${withoutNoise(await output(station, save, []))}`),
  );
  const nft = sortedChains(await output(station, 'nft', ['list', 'ruleset']));
  return [...saved, `# nft\n${nft}`].join('\n');
}

/** nft lists chains in the order in which they were made. */
function sortedChains(text: string): string {
  const chains: string[] = [];
  let table = '';
  for (const line of text.replace(/counter packets \d+ bytes \d+/g, 'counter').split('\n')) {
    if (line.startsWith('table ')) table = line;
    else if (line.startsWith('\t') && !line.startsWith('\t\t')) {
      if (line !== '\t}') chains.push(`${table}${line}`);
    } else if (line.startsWith('\t\t')) chains.push(`${chains.pop()}\n${line}`);
  }
  const hollow = /\{\n\t\ttype [^\n]+ policy accept;$/;
  return chains
    .filter((chain) => !hollow.test(chain))
    .sort()
    .join('\n');
}

/** The snapshot without the lines that name a chain of ours. */
export async function othersIn(station: Station): Promise<string> {
  const saved = await Promise.all(SAVES.map(async (save) => withoutNoise(await output(station, save, []))));
  return saved
    .join('\n')
    .split('\n')
    .filter((line) => !/\bnwg(ate)?-/.test(line))
    .join('\n');
}

function withoutNoise(text: string): string {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#') && line !== 'COMMIT');
  return lines
    .map((line) => line.replace(/ \[\d+:\d+\]$/, ''))
    .filter((line) => !/^:[A-Z]+ ACCEPT$/.test(line))
    .filter((line, index, all) => !line.startsWith('*') || (all[index + 1] ?? '*').startsWith('*') === false)
    .join('\n');
}

async function output(station: Station, command: string, args: readonly string[]): Promise<string> {
  const { stdout, stderr, failure } = await station.exec(command, args);
  if (failure !== undefined) throw new Error(`${command}: ${failure}: ${stderr}`);
  return stdout;
}
