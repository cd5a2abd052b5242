import { describe, expect, it } from 'vitest';
import { emptyView, type Step } from '../../src/compiler/plan.js';
import { feed } from '../../src/host/feed.js';
import type { Tools } from '../../src/host/tools.js';
import { fail } from '../../src/model/errors.js';
import type { Outcome, Run } from '../../src/process/run.js';

const FINE: Outcome = { code: 0, stdout: '', stderr: '', failure: undefined };
const refused = (code: number, stderr: string): Outcome => ({
  code,
  stdout: '',
  stderr,
  failure: `exit code ${code}`,
});

/** Answers in order, then always well; keeps what it was asked. */
function tools(...answers: readonly Outcome[]): Tools & { asked: string[] } {
  const left = [...answers];
  const asked: string[] = [];
  const run: Run = async (command, args, options) => {
    asked.push(`${[options?.netns, command, ...args].join(' ')} < ${options?.input}`);
    return left.shift() ?? FINE;
  };
  const of = (tool: string) => ({
    restore: `${tool}-restore`,
    save: `${tool}-save`,
    variant: 'nf_tables' as const,
  });
  const commands = { ebtables: of('ebtables'), iptables: of('iptables'), ip6tables: of('ip6tables') };
  return { commands, netns: 'ns', run, asked };
}

const STEPS: readonly Step[] = (['ebtables', 'iptables', 'ip6tables'] as const).map((tool, index) => ({
  batch: { tool, input: `do ${index}` },
  undo: index === 2 ? undefined : { tool, input: `undo ${index}` },
  after: emptyView[tool],
}));

describe('feed', () => {
  it('runs one process per batch, in order', async () => {
    const fake = tools();
    await feed(fake, STEPS);
    expect(fake.asked).toEqual([
      'ns ebtables-restore --noflush < do 0',
      'ns iptables-restore --noflush -w 10 < do 1',
      'ns ip6tables-restore --noflush -w 10 < do 2',
    ]);
  });

  it('takes back what was done, last first, and shows the line', async () => {
    const fake = tools(FINE, FINE, refused(2, 'ip6tables-restore: bad thing\nError occurred at line: 5\n'));
    const input = Array.from({ length: 9 }, (_, index) => `line ${index + 1}`).join('\n');
    const steps = [...STEPS.slice(0, 2), { ...STEPS[2]!, batch: { tool: 'ip6tables' as const, input } }];
    const error = await feed(fake, steps).catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      code: 'NOT_APPLIED',
      message: 'ip6tables: ip6tables-restore: bad thing',
      details: [
        'ip6tables-restore: exit code 2',
        'ip6tables-restore: bad thing',
        'Error occurred at line: 5',
        '      2 line 2',
        '      3 line 3',
        '      4 line 4',
        '>     5 line 5',
        '      6 line 6',
        '      7 line 7',
        '      8 line 8',
      ].join('\n'),
    });
    expect(fake.asked.slice(3)).toEqual([
      'ns iptables-restore --noflush -w 10 < undo 1',
      'ns ebtables-restore --noflush < undo 0',
    ]);
  });

  it('tries again after a lost race, but not for ever', async () => {
    const race = refused(4, 'RULE_DELETE failed (No such file or directory)');
    const once = tools(race, race);
    await feed(once, STEPS.slice(0, 1));
    expect(once.asked).toHaveLength(3);
    const always = tools(...Array<Outcome>(9).fill(race));
    await expect(feed(always, STEPS.slice(0, 1))).rejects.toMatchObject({ code: 'NOT_APPLIED' });
    expect(always.asked).toHaveLength(5);
  });

  it('takes back what was done also when a tool has gone', async () => {
    const fake = tools();
    const run: Run = async (command, args, options) => {
      if (command === 'iptables-restore') throw fail('HOST_LACKS', 'iptables-restore is not installed');
      return fake.run(command, args, options);
    };
    await expect(feed({ ...fake, run }, STEPS)).rejects.toMatchObject({
      code: 'NOT_APPLIED',
      message: 'iptables: iptables-restore is not installed',
    });
    expect(fake.asked.at(-1)).toBe('ns ebtables-restore --noflush < undo 0');
  });

  it('says so when taking back fails as well', async () => {
    const fake = tools(FINE, refused(2, 'first'), refused(2, 'second'));
    const error = await feed(fake, STEPS).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'INTERNAL' });
    expect((error as { details: string }).details).toMatch(/first[\s\S]*second/);
  });
});
