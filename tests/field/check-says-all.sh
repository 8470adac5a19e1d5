#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# W12, S34: what a commit or a start would refuse, or what could never work, `check` says with its
# place; and what is right is valid.
. "$(dirname "$0")/../netns/lib.sh"

wire='wire: {optical: a, electrical: b}\n'
# check YAML: of a file with these lines
check() {
	printf "$1\n" >"$work/x.yaml"
	ferrule check "$work/x.yaml"
}
# wrong WHAT TEXT YAML; right WHAT YAML
wrong() { ok "$1" eval "says \"$2\" check '$3' && grep -q 'x.yaml:[0-9]*:[0-9]*: ' \"\$work/said\" && fails check '$3'"; }
right() { ok "$1" check "$2"; }
link() { echo "${wire}host-link: {$1}"; }
match() { echo "${wire}filter: [{name: f, match: {$1}}]"; }
dns() { echo "${wire}host-link: {ipv4: {method: static, address: 192.0.2.5/24}}\nlan: {dns: {$1}}"; }

wrong "a port that is a folder" "allowed is a name of an interface" 'wire: {optical: .., electrical: b}'
wrong "a port of 28 octets" "up to 15 octets" 'wire: {optical: a, electrical: ääääääääääääää}'
wrong "the loopback" "way to itself" 'wire: {optical: lo, electrical: b}'
wrong "a host link that is a port" "is the optical port already" "$(link 'interface: a')"
wrong "a group's MAC address" "not of a group" "$(link 'mac-address: "01:00:00:00:00:01"')"
wrong "nobody's MAC address" "of one host" "$(link 'mac-address: "00:00:00:00:00:00"')"
wrong "the network's address" "of a host" "$(link 'ipv4: {method: static, address: 192.0.2.0/24}')"
wrong "its broadcast" "of a host" "$(link 'ipv4: {method: static, address: 192.0.2.255/24}')"
right "two hosts on /31" "$(link 'ipv4: {method: static, address: 192.0.2.4/31, gateway: 192.0.2.5}')"
wrong "itself as the gateway" "own address" "$(link 'ipv4: {method: static, address: 192.0.2.5/24, gateway: 192.0.2.5}')"
wrong "a gateway elsewhere" "not in the network of" "$(link 'ipv4: {method: static, address: 192.0.2.5/24, gateway: 192.0.3.1}')"
wrong "an IPv6 network's address" "of a host" "$(link 'ipv6: {method: static, address: ["2001:db8::/64"]}')"
wrong "an IPv6 group's" "of a host" "$(link 'ipv6: {method: static, address: ["ff02::1/64"]}')"
right "a link-local gateway" "$(link 'ipv6: {method: static, address: ["2001:db8::5/64"], gateway: "fe80::1"}')"

wrong "a filter without a wire" "there is no wire" 'filter: [{name: f, match: {protocol: udp}}]'
wrong "flags of UDP" "is not tcp" "$(match 'protocol: udp, tcp-flags: [syn]')"
right "flags of TCP or UDP" "$(match 'protocol: [tcp, udp], tcp-flags: [syn]')"
wrong "IPv4 to IPv6" "of IPv4 and of IPv6" "$(match 'source: 192.0.2.1, destination: "2001:db8::1"')"
right "IPv4 and IPv6 to IPv6" "$(match 'source: [192.0.2.1, "2001:db8::2"], destination: "2001:db8::1"')"
wrong "an inner tag without tags" "no tags at all" "$(match 'vlan: none, inner-vlan: 5')"
right "an inner tag or none" "$(match 'vlan: [none, 7], inner-vlan: 5')"
wrong "ARP from a prefix" "which is of IPv4" "$(match 'ether-type: arp, source: 192.0.2.1')"
wrong "LLDP with a code point" "which is of IP" "$(match 'ether-type: lldp, dscp: ef')"
wrong "ICMP with ports" "none of these protocols has ports" "$(match 'protocol: icmp, destination-port: 53')"
right "a range of protocols that has TCP" "$(match 'protocol: [1, 6], destination-port: 53')"

wrong "a label of 70 letters" "63 characters at most" "$(dns "domain: $(printf 'a%.0s' {1..70})")"
wrong "a record with one" "63 characters at most" "$(dns "record: [{name: $(printf 'a%.0s' {1..70}).example, address: 192.0.2.9}]")"
wrong "an empty label" "63 characters at most" "$(dns 'domain: a..example')"
right "a label of 63" "$(dns "domain: $(printf 'a%.0s' {1..63}).example")"
anchor() { dns "forward: [{domain: x.example, server: 192.0.2.1, trust-anchor: [\"$1\"]}]"; }
wrong "a key tag of 70000" "key tag to 65535" "$(anchor "70000 8 2 $(printf 'ab%.0s' {1..32})")"
wrong "a digest of another length" "64" "$(anchor "1 8 2 $(printf 'ab%.0s' {1..20})")"
right "SHA-256" "$(anchor "1 8 2 $(printf 'ab%.0s' {1..32})")"
wrong "a block list that is not there" "cannot be read" "$(dns 'block-list: nothing')"
key=$(head -c 32 /dev/urandom | base64)
hub() { echo "${wire}host-link: {ipv4: {method: static, address: 192.0.2.5/24}}\noob: {address: [10.66.0.9/32], hub: [{name: h, endpoint: \"198.51.100.1:51820\", public-key: \"$key\", allowed: [10.66.0.0/24]${1:-}}]${2:-}}"; }
right "a hub" "$(hub)"
wrong "a preshared key that is not there" "cannot be read" "$(hub ', preshared-key-file: nothing')"
wrong "keys of ssh that are not there" "No such file" "$(hub '' ', ssh: {authorized-keys-file: nothing}')"
right_member='name: m, asn: 64501, address: [192.0.2.11]'
rs() { echo "${wire}host-link: {ipv4: {method: static, address: 192.0.2.5/24}}\nroute-server: {asn: 64500, router-id: 192.0.2.5, address: [192.0.2.5], peering-lan: [192.0.2.0/24], client: [{$right_member${1:-}}]}"; }
right "a member" "$(rs)"
wrong "a password that is not there" "cannot be read" "$(rs ', password-file: nothing')"
ok "for others than root, what they may not read is not looked at" says "only root may read" setpriv --reuid=65534 --regid=65534 --clear-groups "$build/ferrule" check - <"$work/x.yaml"
finish
