import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lockState } from '../../src/store/lock.js';
import { temporaryDirectory } from '../support/directory.js';

describe('the lock of a state directory', () => {
  it('is held once', async () => {
    const state = join(temporaryDirectory(), 'new', 'state');
    const lock = await lockState(state);
    await expect(lockState(state)).rejects.toMatchObject({ code: 'BUSY' });
    await lock.release();
    await (await lockState(state)).release();
  });

  it('is one for each directory', async () => {
    const [a, b] = [await lockState(temporaryDirectory()), await lockState(temporaryDirectory())];
    await a.release();
    await b.release();
  });

  it('says when the directory cannot be made', async () => {
    await expect(lockState('/dev/null/nwgate')).rejects.toMatchObject({ code: 'DISK' });
  });
});
