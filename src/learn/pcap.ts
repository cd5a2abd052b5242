/**
 * Frames out of the stream that `tcpdump -w -` writes. Source: the pcap capture file format (pcap-savefile(5)): a file
 * header of 24 octets, then per packet a header of 16, whose third number is the length of what follows.
 */

const FILE_HEADER = 24;
const PACKET_HEADER = 16;
/** Of the first number: the file's own octet order, for times in micro- and nanoseconds. */
const MAGICS = [0xa1b2c3d4, 0xa1b23c4d];
/** tcpdump takes no more of a packet; a length beyond means that the stream is not what we think. */
const MOST = 262_144;

/** Calls `onFrame` for each whole frame among the octets given so far. Errors: RangeError for another kind of stream. */
export function pcapReader(onFrame: (frame: Uint8Array) => void): (octets: Uint8Array) => void {
  let rest: Uint8Array = new Uint8Array(0);
  let little: boolean | undefined;
  return (octets) => {
    rest = Buffer.concat([rest, octets]);
    if (little === undefined) {
      if (rest.length < FILE_HEADER) return;
      little = orderOf(rest);
      rest = rest.subarray(FILE_HEADER);
    }
    while (rest.length >= PACKET_HEADER) {
      const length = numberAt(rest, 8, little);
      if (length > MOST) throw new RangeError(`a packet of ${length} octets in the capture`);
      if (rest.length < PACKET_HEADER + length) return;
      onFrame(rest.subarray(PACKET_HEADER, PACKET_HEADER + length));
      rest = rest.subarray(PACKET_HEADER + length);
    }
  };
}

function orderOf(header: Uint8Array): boolean {
  for (const little of [true, false]) if (MAGICS.includes(numberAt(header, 0, little))) return little;
  throw new RangeError('the capture does not begin as a pcap file');
}

function numberAt(octets: Uint8Array, at: number, little: boolean): number {
  return new DataView(octets.buffer, octets.byteOffset, octets.byteLength).getUint32(at, little);
}
