import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { NwgateError } from '../../src/model/errors.js';
import { readDomain } from '../../src/xml/domain-read.js';

const domain = (name: string) =>
  readFileSync(join(import.meta.dirname, `../data/domains/${name}.xml`), 'utf8');

/** A domain with one interface. */
const one = (inside: string, { type = 'bridge', metadata = '' } = {}) =>
  `<domain><name>d</name>${metadata}<devices><interface type='${type}'>${inside}</interface></devices></domain>`;

const MAC = "<mac address='52:54:00:00:00:01'/>";

function faults(document: string): readonly string[] {
  try {
    readDomain(document);
  } catch (error) {
    if (error instanceof NwgateError) return error.faults.map(({ code, message }) => `${code} ${message}`);
    throw error;
  }
  return [];
}

describe('a domain', () => {
  it('tells its interfaces with filters, their addresses and tags as variables', () => {
    expect(readDomain(domain('web1'))).toEqual({
      name: 'web1',
      uuid: 'c7ac4ad9-e5ce-4c93-b380-013c85663e39',
      interfaces: [
        {
          target: 'vnet0',
          mac: '52:54:00:00:01:01',
          filter: 'front',
          parameters: [
            { name: 'IP', value: '10.0.0.5' },
            { name: 'IPV6', value: '2001:db8::5' },
            { name: 'PORT', value: '80' },
            { name: 'PORT', value: '443' },
          ],
        },
        {
          target: 'vnet1',
          mac: '52:54:00:00:01:02',
          filter: 'back',
          parameters: [{ name: 'VLAN', value: '42' }],
        },
      ],
    });
  });

  it('has no devices yet before libvirt has chosen them', () => {
    expect(readDomain(domain('web1-inactive')).interfaces.map(({ target }) => target)).toEqual([
      undefined,
      undefined,
    ]);
  });

  it('asks for filters in its metadata, which come before <filterref>; written variables come before addresses', () => {
    expect(readDomain(domain('metadata')).interfaces).toEqual([
      {
        target: 'vnet5',
        mac: '52:54:00:00:02:01',
        filter: 'front',
        parameters: [
          { name: 'IP', value: '10.0.0.7' },
          { name: 'PORT', value: '80' },
        ],
      },
      {
        target: 'vnet6',
        mac: '52:54:00:00:02:02',
        filter: 'back',
        parameters: [{ name: 'VLAN', value: '7' }],
      },
    ]);
  });

  it('may have one reference in its metadata without a wrapper, and several addresses', () => {
    const metadata =
      "<metadata><filterref xmlns='http://schemas.nwgate.org/nwfilter/1' mac='52:54:00:00:00:01' filter='f'/></metadata>";
    const ips = "<ip address='10.0.0.1'/><ip address='10.0.0.2'/>";
    expect(readDomain(one(`${MAC}${ips}`, { metadata })).interfaces).toEqual([
      {
        target: undefined,
        mac: '52:54:00:00:00:01',
        filter: 'f',
        parameters: [
          { name: 'IP', value: '10.0.0.1' },
          { name: 'IP', value: '10.0.0.2' },
        ],
      },
    ]);
  });

  it('gives the filter of its metadata to every interface with that MAC address', () => {
    const twice = domain('metadata').replace('52:54:00:00:02:02</', '').replaceAll('02:02', '02:01');
    const [first, ...rest] = twice.split(/(?=<nwg:filterref mac)/);
    const text = [first, rest[0], rest[1]!.replace(/^<nwg:filterref .*\n/, '')].join('');
    expect(readDomain(text).interfaces.map(({ target, filter }) => `${target} ${filter}`)).toEqual([
      'vnet5 front',
      'vnet6 front',
    ]);
  });

  it.each([
    ['a missing name', '<domain/>', /^VALUE "" must be/],
    ['another document', '<filter name="a"/>', /^SCHEMA the document must be a <domain>/],
    ['a bad device', one(`${MAC}<target dev='a b'/><filterref filter='f'/>`), /^NAME "a b" must be the name/],
    ['a bad MAC', one("<mac address='no'/><filterref filter='f'/>"), /^VALUE "no" must be/],
    ['a bad address', one(`${MAC}<ip address='10.0.0'/><filterref filter='f'/>`), /^VALUE "10.0.0" must be/],
    ['a bad filter name', one(`${MAC}<filterref filter='../f'/>`), /^NAME "..\/f" must be a filter name/],
    [
      'macvtap',
      one(`${MAC}<filterref filter='f'/>`, { type: 'direct' }),
      /^NOT_COMPILABLE .*"direct" passes/,
    ],
    [
      'metadata for an interface that is not there',
      one(MAC, {
        metadata:
          "<metadata><n:filterref xmlns:n='http://schemas.nwgate.org/nwfilter/1' mac='52:54:00:00:00:09' filter='f'/></metadata>",
      }),
      /^VALUE the domain has no interface with the MAC address 52:54:00:00:00:09/,
    ],
    ['a DTD', '<!DOCTYPE domain><domain/>', /^XML_FORBIDDEN/],
  ])('is refused for %s', (_, document, message) => {
    expect(faults(document)).toEqual([expect.stringMatching(message)]);
  });

  it('may hold what it likes in interfaces that no filter is wanted on', () => {
    const odd = "<mac address='odd'/><target dev='a b'/><ip address='x'/>";
    expect(readDomain(one(odd, { type: 'hostdev' })).interfaces).toEqual([]);
  });
});
