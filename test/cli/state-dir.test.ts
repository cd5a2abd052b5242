import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { stateDirectory } from '../../src/cli/state-dir.js';

const uid = (value: number) => vi.spyOn(process, 'getuid').mockReturnValue(value);

describe('the state directory', () => {
  it('is the one given, as an absolute path', () => {
    expect(stateDirectory('x', { NWGATE_STATE: '/named' })).toBe(join(process.cwd(), 'x'));
    expect(stateDirectory(undefined, { NWGATE_STATE: '/named' })).toBe('/named');
  });

  it('is /var/lib/nwgate for root and the user’s own for others', () => {
    uid(0);
    expect(stateDirectory(undefined, { XDG_STATE_HOME: '/home/amy/state' })).toBe('/var/lib/nwgate');
    uid(1000);
    expect(stateDirectory(undefined, { XDG_STATE_HOME: '/home/amy/state' })).toBe('/home/amy/state/nwgate');
    const own = join(homedir(), '.local/state/nwgate');
    expect(stateDirectory(undefined, {})).toBe(own);
    expect(stateDirectory(undefined, { XDG_STATE_HOME: 'relative' })).toBe(own);
    expect(stateDirectory(undefined, { NWGATE_STATE: '' })).toBe(own);
  });
});
