/** What docs/filters.md says of tagged frames. The verdicts are those on file, which lab.test.ts holds against the kernel. */
import { describe, expect, it } from 'vitest';
import { CONSTRUCTS } from './constructs.js';
import { labFrames } from './record.js';

/** Names of the tagged frames of the corpus that arrive, by route. */
function taggedArrivals(construct: string): readonly string[] {
  const frames = labFrames(CONSTRUCTS.find(({ name }) => name === construct)!) ?? [];
  const tagged = frames.filter(({ group }) => group.startsWith('tagged ')).flatMap(({ steps }) => steps);
  expect(tagged.length).toBeGreaterThan(30);
  return tagged.filter(({ arrived }) => arrived).map(({ route, name }) => `${route} ${name}`);
}

describe('tagged frames', () => {
  it('are dropped by clean-traffic, all of them and every way', () => {
    expect(taggedArrivals('clean-traffic')).toEqual([]);
  });

  it('pass clean-traffic-gateway from and to the gateway alone', () => {
    const arrived = taggedArrivals('clean-traffic-gateway');
    expect(arrived).toContain('out IPv4 in VLAN 10');
    expect(arrived).toContain('in IPv4 in VLAN 10');
    expect(arrived.filter((name) => !/^(in|out) /.test(name))).toEqual([]);
  });

  it('pass no-ip-spoofing with any address inside', () => {
    expect(taggedArrivals('no-ip-spoofing')).toContain('out IPv4 from another address in VLAN 10');
  });

  it('pass where the filter accepts their VLAN, and that alone', () => {
    const arrived = taggedArrivals('in-vlan-10');
    expect(arrived).toContain('out IPv4 in VLAN 10');
    expect(arrived.filter((name) => !name.includes('VLAN 10') && !name.includes('two tags'))).toEqual([]);
  });
});
