#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# W14: nobody resets what comes from or goes to a group (RFC 1122 4.2.3.10), and an address that
# somebody else has is not answered for (RFC 5227).
. "$(dirname "$0")/../netns/lib.sh"

/usr/bin/python3 -c 'import scapy.all' 2>/dev/null || skip_all "no scapy"
world
config <<'YAML'
filter:
  - {name: no-such, match: {protocol: tcp, destination-port: 9999}, action: reset}
  - {name: metadata, match: {destination: [169.254.169.254, 192.0.2.77], protocol: tcp, destination-port: 80}, action: divert, to-port: 8080, answer-arp: true}
YAML
start
# segment TO-MAC FROM-IP TO-IP: how many RSTs came of a SYN, at both ends
segment() {
	in_o /usr/bin/python3 - "$@" <<'EOF'
import sys, time
from scapy.all import *
conf.verb = 0
mac, source, target = sys.argv[1:4]
ip = IPv6(src=source, dst=target) if ":" in target else IP(src=source, dst=target)
s = conf.L2socket(iface="line", filter="tcp")
s.send(Ether(dst=mac, src="02:00:00:00:00:aa") / ip / TCP(sport=1234, dport=9999, flags="S"))
end = time.monotonic() + 2
count = 0
while time.monotonic() < end and not count:
    p = s.recv() if s.select([s], 0.2) else None
    count += bool(p and TCP in p and "R" in p[TCP].flags)
print(count)
EOF
}
resets() { state '."host-link".resets' host-link; }
ok "a host's segment is reset" eval '[ "$(segment 02:00:00:00:00:bb 203.0.113.1 203.0.113.2)" = 1 ]'
count_before=$(resets)
for to in "01:00:5e:00:00:05 203.0.113.1 224.0.0.5" "ff:ff:ff:ff:ff:ff 203.0.113.1 255.255.255.255" "ff:ff:ff:ff:ff:ff 203.0.113.1 203.0.113.2" \
	"02:00:00:00:00:bb 224.0.0.5 203.0.113.2" "33:33:00:00:00:01 2001:db8::1 ff02::1" "02:00:00:00:00:bb 2001:db8::1 ff02::1"; do
	# shellcheck disable=SC2086
	ok "none of a group: $to" eval "[ \"\$(segment $to)\" = 0 ]"
done
ok "nor to the other end" eval '[ "$(resets)" = "$count_before" ]'

# asks ADDRESS: whether ARP for it is answered
asks() {
	in_o /usr/bin/python3 - "$1" <<'EOF'
import sys
from scapy.all import *
conf.verb = 0
got = srp1(Ether(dst="ff:ff:ff:ff:ff:ff", src=get_if_hwaddr("line")) /
           ARP(hwsrc=get_if_hwaddr("line"), psrc="192.0.2.1", pdst=sys.argv[1]), iface="line", timeout=2)
sys.exit(not got)
EOF
}
# announces NETNS IF ADDRESS MAC
announces() {
	nsenter --net="/run/netns/$1" /usr/bin/python3 - "$2" "$3" "$4" <<'EOF'
import sys
from scapy.all import *
sendp(Ether(dst="ff:ff:ff:ff:ff:ff", src=sys.argv[3]) / ARP(op=1, hwsrc=sys.argv[3], psrc=sys.argv[2], pdst=sys.argv[2]),
      iface=sys.argv[1], verbose=0)
EOF
}
ok "ARP is answered for an address of nobody" asks 169.254.169.254
ok "and for the other one" asks 192.0.2.77
announces "$S" uplink 192.0.2.77 02:00:00:00:00:77
ok "not any more for what somebody else announces" fails asks 192.0.2.77
ok "which health says, with who it is" says "02:00:00:00:00:77 has the address" eval 'ferrule health; true'
ok "the other one is answered for" asks 169.254.169.254
stop KILL
start
ok "a restart does not forget him" fails asks 192.0.2.77
announces "$O" line 169.254.169.254 02:00:00:00:00:78
ok "from the other side as well" fails asks 169.254.169.254
finish
