#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Includes point one way: plugins see core/api and services, services see core/api and netdev, core sees core;
# and core names no role and no daemon.
cd "${abs_top_srcdir:-$(dirname "$0")/../..}" || exit 1
bad=0

# against FOLDER ALLOWED: project includes in the folder that do not match
against() {
	grep -rnE '#include "[a-z-]+/' "$1" --include='*.[ch]' | grep -vE "#include \"($2)" && bad=1
}
against core 'core/'
# netdev is the kernel's own: interfaces and routes, which many daemons' rooms need
against services 'core/api/|services/netdev/'
against plugins 'core/api/|services/[a-z0-9-]+/[a-z0-9-]+\.h'
# files beside each other, but not up and over
grep -rnE '#include "\.\./' core services plugins --include='*.[ch]' | grep -v '^core/' && bad=1

roles=$(cd plugins && ls -d */ | tr -d /)
daemons=$(cd services && ls -d */ | tr -d /)
for name in $roles $daemons bird dnsmasq chrony wireguard lighttpd; do
	[ "$name" = example ] && continue
	grep -rniw -e "$name" core --include='*.[ch]' --include='*.am' && bad=1
done
[ $bad = 0 ] && echo "ok 1 - arrows" || echo "not ok 1 - arrows"
echo 1..1
exit $bad
