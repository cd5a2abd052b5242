/** `audit`: who changed what, or tried to. */
import { type Command, InvalidArgumentError } from 'commander';
import { printable } from '../../model/names.js';
import { type AuditEntry, readAudit } from '../../store/audit.js';
import { contextOf } from '../context.js';
import { table } from '../table.js';

const UNITS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

interface AuditOptions {
  readonly since: Date;
}

export function auditCommand(program: Command): void {
  program
    .command('audit')
    .option(
      '--since <when>',
      'a moment (2026-05-01T12:00), or how long ago (30m, 12h, 7d)',
      moment,
      new Date(0),
    )
    .description('requests for changes and what became of them')
    .action(async ({ since }: AuditOptions, command: Command) => {
      const context = contextOf(command);
      const complain = (place: string) =>
        process.stderr.write(`nwgate: warning: ${printable(place, 1000)} is no record and was left out\n`);
      const entries = await readAudit(context.state, since, complain);
      context.show(entries, (all) =>
        table(['WHEN', 'WHO', 'ROLE', 'FROM', 'OPERATION', 'OBJECTS', 'OUTCOME'], all.map(columns)),
      );
    });
}

function columns({ at, who, role, from, operation, objects, outcome, code, changes = [] }: AuditEntry) {
  const revised = changes.map(({ object, before, after }) => `${object} ${before}→${after}`);
  const about = revised.length === 0 ? objects : revised;
  return [
    at,
    who,
    role,
    from,
    operation,
    about.join(', '),
    code === undefined ? outcome : `${outcome} ${code}`,
  ];
}

function moment(text: string): Date {
  const ago = /^(\d{1,6})([mhd])$/.exec(text);
  const date = ago
    ? new Date(Date.now() - Number(ago[1]) * UNITS[ago[2] as keyof typeof UNITS])
    : new Date(text);
  if (Number.isNaN(date.getTime()))
    throw new InvalidArgumentError('a moment such as 2026-05-01T12:00, or 30m, 12h, 7d');
  return date;
}
