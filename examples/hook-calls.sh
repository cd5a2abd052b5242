#!/bin/sh
# Plays what libvirt tells its hook scripts when a machine starts, migrates and stops, in its order:
#
#   examples/hook-calls.sh                   a dry run in a state directory of its own
#   NWGATE='npx nwgate' examples/hook-calls.sh
#
# Each call gets the domain on standard input and may refuse by its exit code.
set -eu

nwgate=${NWGATE:-npx nwgate}
state=$(mktemp -d)
trap 'rm -rf "$state"' EXIT
run() { $nwgate --state "$state" --host dry-run "$@"; }

domain() { # the device of the interface, as far as libvirt has chosen it
  cat <<XML
<domain type='kvm'>
  <name>web1</name>
  <uuid>c7ac4ad9-e5ce-4c93-b380-013c85663e39</uuid>
  <metadata>
    <nwg:filterref xmlns:nwg='http://schemas.nwgate.org/nwfilter/1' mac='52:54:00:00:01:01' filter='$2'/>
  </metadata>
  <devices>
    <interface type='bridge'>
      <mac address='52:54:00:00:01:01'/>
      <source bridge='br0'/>
      $1
      <ip address='10.0.0.5' family='ipv4'/>
    </interface>
  </devices>
</domain>
XML
}
tap="<target dev='vnet0'/>"

echo '# a start'
domain '' clean-traffic     | run hook qemu web1 prepare begin -
domain "$tap" clean-traffic | run hook qemu web1 start begin -
domain "$tap" clean-traffic | run hook qemu web1 started begin -
run bindings

echo '# it stops'
domain "$tap" clean-traffic | run hook qemu web1 stopped end -
domain "$tap" clean-traffic | run hook qemu web1 release end shutdown
run bindings

echo '# it comes from another host: the domain goes on to libvirt'
domain '' clean-traffic | run hook qemu web1 migrate begin - | grep '<name>'

echo '# it is refused for a filter that is not here'
if domain '' no-such-filter | run hook qemu web1 migrate begin -; then exit 1; else echo "exit code $?"; fi
