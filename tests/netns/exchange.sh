# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An exchange: a switch with eight members on its ports, routers of five kinds, and a route server
# inside of the module. Behind lib.sh.

for need in bird gobgpd /usr/lib/frr/bgpd bgpd exabgp stayrtr; do
	command -v "$need" >/dev/null || skip_all "no $need"
done
world
chmod 711 "$work"
lan=185.1.0
lan6=2001:7f8:1:
# each member behind a port of the switch
ip -n "$S" link add br0 type bridge forward_delay 0
ip -n "$S" addr flush dev uplink
ip -n "$S" link set uplink master br0
ip -n "$S" link set br0 up
for host in 11 12 13 14 15 16 17 18; do
	ip netns add "$S-$host" && more+=("$S-$host")
	ip -n "$S" link add "p$host" type veth peer name lan netns "$S-$host"
	ip -n "$S" link set "p$host" master br0 up
	ip -n "$S-$host" link set lo up
	ip -n "$S-$host" addr add "$lan.$host/24" dev lan
	ip -n "$S-$host" addr add "$lan6:$host/64" dev lan nodad
	ip -n "$S-$host" link set lan up
done
mkdir -p "$work/c"

# ---- what is registered ----

# registered PREFIXES: of AS-ONE beside its own
registered() {
	cat >"$work/irr.new" <<-JSON
		{
		  "AS-ONE": {"asn": [1001, 2001], "prefix": ["44.1.0.0/16", "44.50.0.0/16", "2a0e:1::/32"$1]},
		  "AS-EMPTY": {"asn": [1001], "prefix": []},
		  "AS-OTHER": {"asn": [9999], "prefix": ["44.99.0.0/16"]}
		}
	JSON
	mv "$work/irr.new" "$work/irr.json"
}
others=$(for i in $(seq 10); do printf ', "44.150.%d.0/24"' "$i"; done)
registered "$others"
vrps() {
	cat >"$work/vrps.new" <<-JSON
		{"metadata": {"buildtime": "2026-01-01T00:00:00Z"}, "roas": [
		  {"prefix": "44.2.8.0/24", "maxLength": 24, "asn": "AS4444", "ta": "test"},
		  {"prefix": "44.2.12.0/24", "maxLength": 32, "asn": "AS1002", "ta": "test"}${1:-}
		]}
	JSON
	mv "$work/vrps.new" "$work/vrps.json"
}
vrps
cache() {
	spawn "$M" stayrtr -bind 127.0.0.1:3323 -cache "$work/vrps.json" -checktime=false -refresh 1 \
		-metrics.addr "" >"$work/c/rtr.log" 2>&1
	rtr=$spawned
}
cache

# ---- the route server ----

clients() {
	cat <<-YAML
		- {name: one, asn: 1001, address: [$lan.11, '$lan6:11'], as-set: [AS-ONE], irr: {enforce: [origin, prefix]}}
		- {name: two, asn: 1002, address: [$lan.12]}
		- {name: three, asn: 1003, address: [$lan.13, '$lan6:13']}
		- {name: four, asn: 1004, address: [$lan.14, '$lan6:14']}
		- {name: five, asn: 1005, address: [$lan.15, '$lan6:15'], blackhole: {receive: false}}
		- {name: six, asn: 1006, address: [$lan.16], password-file: $work/six.key, gtsm: true, passive: true, add-path: true}
		- {name: seven, asn: 1007, address: ['$lan6:17'], extended-next-hop: true}
		- {name: eight, asn: 1008, address: [$lan.18], max-prefix: {ipv4: 50, wait: 1}}
	YAML
}
site() {
	cat <<-YAML
		wire: {optical: eth0, electrical: eth1}
		host-link:
		  ipv4: {method: static, address: [$lan.1/24]}
		  ipv6: {method: static, address: ['$lan6:1/64']}
		route-server:
		  asn: 65000
		  router-id: $lan.1
		  address: [$lan.1, '$lan6:1']
		  peering-lan: [$lan.0/24, '$lan6:/64']
		  policy:
		    irr: {source: file, file: $work/irr.json}
		    rpki: {cache: [{address: 127.0.0.1, port: 3323}]}
		    blackhole: {ipv4: $lan.66, communities: [rfc7999]}
		  client:
		$(clients | sed 's/^/    /')
		${1:-}
	YAML
}
echo secret >"$work/six.key" && chmod 600 "$work/six.key"
served() { [ "$(state '[.service[] | select(.role == "route-server") | .state] | join(" ")' service)" = ready ]; }

# ---- the members ----

# bird_member NUMBER ASN TEXT
bird_member() {
	cat >"$work/c/$1.conf" <<-BIRD
		router id $lan.$1;
		log "$work/c/$1.log" all;
		protocol device { }
		protocol static s4 { ipv4; $(sed -n 's/^route4 //p' <<<"$3") }
		protocol static s6 { ipv6; $(sed -n 's/^route6 //p' <<<"$3") }
		$(sed '/^route[46] /d' <<<"$3")
	BIRD
	spawn "$S-$1" bird -f -c "$work/c/$1.conf" -s "$work/c/$1.ctl" >"$work/c/$1.out" 2>&1
}
member() { birdc -s "$work/c/$1.ctl" "${@:2}"; }

bird_member 11 1001 "$(cat <<-BIRD
	route4 route 44.1.0.0/16 blackhole; route 44.1.1.0/24 blackhole; route 44.50.0.0/16 blackhole;
	route6 route 2a0e:1::/32 blackhole; route 2a0e:1::/56 blackhole; route fd00:1::/32 blackhole;
	filter towards { if net = 44.50.0.0/16 then bgp_large_community.add((65000, 0, 1003)); accept; }
	template bgp t_rs { local as 1001; strict bind on; enforce first as off; graceful restart on; }
	protocol bgp rs4 from t_rs { local $lan.11 as 1001; neighbor $lan.1 as 65000;
		local role rs_client; ipv4 { import all; export filter towards; }; }
	protocol bgp rs6 from t_rs { local $lan6:11 as 1001; neighbor $lan6:1 as 65000; ipv6 { import all; export all; }; }
BIRD
)"

long_path=$(for i in $(seq 40); do echo -n "2002 "; done)
cat >"$work/c/two.conf" <<-EXABGP
	neighbor $lan.1 {
	  router-id $lan.12; local-address $lan.12; local-as 1002; peer-as 65000; hold-time 30;
	  family { ipv4 unicast; }
	  static {
	    route 44.2.0.0/16 next-hop $lan.12 community [ 0:1004 ];
	    route 44.2.1.0/25 next-hop $lan.12;
	    route 44.2.2.0/24 next-hop $lan.99;
	    route 44.2.3.0/24 next-hop $lan.12 as-path [ 1002 64512 2002 ];
	    route 44.2.4.0/24 next-hop $lan.12 as-path [ 1002 3356 2002 ];
	    route 44.2.5.0/24 next-hop $lan.12 as-path [ 9999 2002 ];
	    route 44.2.6.0/24 next-hop $lan.12 as-path [ 1002 $long_path ];
	    route 44.2.7.0/24 next-hop $lan.12 as-path [ 1002 ( 2002 2003 ) ];
	    route 44.2.8.0/24 next-hop $lan.12;
	    route 44.2.9.0/24 next-hop $lan.12 as-path [ 1002 2002 ] large-community [ 65000:0:0 65000:1:1003 ];
	    route 44.2.10.0/24 next-hop $lan.12 large-community [ 65000:102:0 ];
	    route 44.2.12.7/32 next-hop $lan.12 community [ 65535:666 ];
	    route 44.2.13.7/32 next-hop $lan.12 community [ 65535:666 ];
	    route 44.2.14.0/24 next-hop $lan.12 med 77 community [ 65000:5 65535:65281 1002:7 ] large-community [ 65000:9:9 1002:1:1 ];
	    route $lan.0/25 next-hop $lan.12;
	    route 10.2.0.0/16 next-hop $lan.99 as-path [ 1002 64512 ];
	    route 0.0.0.0/0 next-hop $lan.12;
	    route 44.50.0.0/16 next-hop $lan.12 as-path [ 1002 2002 2002 ];
	  }
	}
EXABGP
exabgp_member() {
	env exabgp.daemon.user=root exabgp.tcp.bind= exabgp.api.cli=false exabgp.log.destination=stdout \
		nsenter --net="/run/netns/$S-$2" exabgp "$work/c/$1.conf" >"$work/c/$1.log" 2>&1 &
	pids+=($!)
}
exabgp_member two 12
two=$!

cat >"$work/c/three.conf" <<-FRR
	router bgp 1003
	 bgp router-id $lan.13
	 no bgp ebgp-requires-policy
	 no bgp enforce-first-as
	 no bgp network import-check
	 neighbor $lan.1 remote-as 65000
	 neighbor $lan6:1 remote-as 65000
	 address-family ipv4 unicast
	  network 44.33.0.0/16
	  no neighbor $lan6:1 activate
	 exit-address-family
	 address-family ipv6 unicast
	  network 2a0e:3::/32
	  neighbor $lan6:1 activate
	 exit-address-family
FRR
mkdir -p "$work/c/frr"
spawn "$S-13" /usr/lib/frr/bgpd -f "$work/c/three.conf" -i "$work/c/frr/pid" -z "$work/c/frr/zserv" -n -S -P 0 \
	-l "$lan.13" -l "$lan6:13" --vty_socket "$work/c/frr" -u root -g root >"$work/c/three.log" 2>&1
frr() { vtysh --vty_socket "$work/c/frr" -c "$1" 2>/dev/null; }

cat >"$work/c/four.toml" <<-GOBGP
	[global.config]
	  as = 1004
	  router-id = "$lan.14"
	  port = -1
	$(for peer in "$lan.1 $lan.14 ipv4-unicast" "$lan6:1 $lan6:14 ipv6-unicast"; do
		set -- $peer
		printf '[[neighbors]]\n[neighbors.config]\nneighbor-address = "%s"\npeer-as = 65000\n' "$1"
		printf '[neighbors.transport.config]\nlocal-address = "%s"\n' "$2"
		printf '[neighbors.timers.config]\nconnect-retry = 2\n'
		printf '[[neighbors.afi-safis]]\n[neighbors.afi-safis.config]\nafi-safi-name = "%s"\n' "$3"
	done)
GOBGP
spawn "$S-14" gobgpd -f "$work/c/four.toml" --api-hosts 127.0.0.1:50051 >"$work/c/four.log" 2>&1
gobgp() { nsenter --net="/run/netns/$S-14" gobgp -p 50051 "$@"; }

cat >"$work/c/five.conf" <<-OPENBGPD
	AS 1005
	router-id $lan.15
	fib-update no
	listen on $lan.15
	listen on $lan6:15
	socket "$work/c/five.ctl"
	network 44.5.0.0/16
	network 2a0e:5::/32
	neighbor $lan.1 {
		remote-as 65000
		local-address $lan.15
		enforce neighbor-as no
		announce IPv6 none
	}
	neighbor $lan6:1 {
		remote-as 65000
		local-address $lan6:15
		enforce neighbor-as no
		announce IPv4 none
		announce IPv6 unicast
	}
	allow from any
	allow to any
OPENBGPD
chmod 600 "$work/c/five.conf"
mkdir -p /run/openbgpd
spawn "$S-15" bgpd -d -f "$work/c/five.conf" >"$work/c/five.log" 2>&1
openbgp() { bgpctl -s "$work/c/five.ctl" "$@"; }

bird_member 16 1006 "$(cat <<-BIRD
	route4 route 44.6.0.0/16 blackhole;
	protocol bgp rs4 { local $lan.16 as 1006; strict bind on; neighbor $lan.1 as 65000; enforce first as off;
		password "secret"; ttl security on; ipv4 { add paths rx; import all; export all; }; }
BIRD
)"
bird_member 17 1007 "$(cat <<-BIRD
	route4 route 44.7.0.0/16 blackhole;
	route6 route 2a0e:7::/32 blackhole;
	protocol bgp rs6 { local $lan6:17 as 1007; strict bind on; neighbor $lan6:1 as 65000; enforce first as off;
		ipv6 { import all; export all; }; ipv4 { extended next hop on; import all; export all; }; }
BIRD
)"
established() { [ "$(state '."ferrule-route-server:route-server".established' route-server)" = "$1" ]; }
# session NAME FIELD, as clients shows it
session() { ferrule --json route-server clients | jq -r ".. | .client? // empty | .[] | select(.name == \"$1\") | .$2"; }

# at three, FRR: PREFIX JQ-EXPRESSION, of its path
three() { frr "show bgp $([[ $1 = *:* ]] && echo ipv6 || echo ipv4) unicast $1 json" | jq -r ".paths[0] | $2"; }
three_has() { [ "$(three "$1" "${2:-.valid}")" = "${3:-true}" ]; }
four_has() { gobgp global rib "$1" | grep -qF "$1"; }
five_has() { openbgp show rib "$1" | grep -q "$1"; }
