/** Frames of one port, by tcpdump: Node has no packet sockets. */
import { fail } from '../model/errors.js';
import { type Listening, listen } from '../process/listen.js';
import type { Run } from '../process/run.js';
import type { Side } from './observe.js';
import { pcapReader } from './pcap.js';

const PROGRAM = 'tcpdump';

export interface CaptureRequest {
  readonly port: string;
  readonly netns: string | undefined;
  readonly side: Side;
  /** In the language of pcap-filter(7). */
  readonly filter: string;
}

/** How a capture is made. A parameter where a test has frames of its own. */
export type Capture = (request: CaptureRequest, onFrame: (frame: Uint8Array) => void) => Listening;

/** It ends by itself when the interface goes, or is not there. */
export const capture: Capture = ({ port, netns, side, filter }, onFrame) => {
  const options = ['-n', '-w', '-', '-U', '--immediate-mode'];
  // Seen from the host, what the guest sends comes in. tcpdump does not decode what it writes, and by dropping its
  // privileges it would lose the kernel's promise to end it with us.
  const direction = side === 'out' ? 'in' : 'out';
  const args = ['-i', port, '-Q', direction, ...options, '-Z', 'root', filter];
  const read = pcapReader(onFrame);
  const listening = listen(PROGRAM, args, netns, (octets) => {
    try {
      read(octets);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      void listening.close();
    }
  });
  return listening;
};

/** Errors: HOST_LACKS without tcpdump. */
export async function demandCapture(run: Run): Promise<void> {
  try {
    await run(PROGRAM, ['--version']);
  } catch (cause) {
    const message = `addresses cannot be learned: ${PROGRAM} is not installed (apt-get install ${PROGRAM}); or give IP`;
    throw fail('HOST_LACKS', message, undefined, { cause });
  }
}
