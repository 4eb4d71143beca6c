#!/usr/bin/env bash
# The long counts of every suite, one after another, and a dated page of what they
# said. Needs root for the power cuts (loop devices) and, for the peer, a Python
# with the packages of bench/peers/requirements.txt: HEDUI_PYTHON=/path/to/python3
# (or "none").
#
#   bench/release-check.sh [name…]     only the named parts
set -uo pipefail
cd "$(dirname "$0")/.."

date=$(date -u +%F)
page=bench/results/$date-release-check.md
python=${HEDUI_PYTHON:-python3}
go=${GO:-go}
wanted=("$@")
failed=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# A day has one page; each run adds its table.
mkdir -p bench/results
[ -e "$page" ] || printf '# Release check, %s\n' "$date" >"$page"
{
	printf '\n## %s\n\n' "$(date -u +%H:%M)"
	printf 'Commit %s, %s, %s cores, %s.\n\n' "$(git rev-parse --short HEAD)" "$($go version | cut -d' ' -f3,4)" "$(nproc)" "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1)"
	printf '| part | result | seconds | what it said |\n|---|---|---|---|\n'
} >>"$page"

# part NAME PATTERN COMMAND… runs a part; PATTERN picks the lines for the page.
part() {
	local name=$1 pattern=$2 start result=ok
	shift 2
	if ((${#wanted[@]})) && [[ " ${wanted[*]} " != *" $name "* ]]; then return; fi
	printf '== %s: %s\n' "$name" "$*"
	start=$(date +%s)
	if ! "$@" >"$log" 2>&1; then
		result=FAILED
		failed=1
		tail -50 "$log"
	fi
	printf '| %s | %s | %d | %s |\n' "$name" "$result" "$(($(date +%s) - start))" \
		"$(grep -E "$pattern" "$log" | sed -E 's/^ *[a-z_]+\.go:[0-9]+: //; s/\|/\\|/g' | head -12 | paste -sd';' | cut -c1-900)" >>"$page"
}

part tests '^(FAIL|---)' $go test -timeout 20m ./...
part race '^(FAIL|---|WARNING)' $go test -race -short -timeout 40m ./engine/... ./connectors/... ./rules/...
part mutation 'changes:' $go test ./engine/situation -count=1 -v -timeout 60m -run EveryChange -args -mutate.all
part lessons '^(ok|FAIL|---)' $go test ./engine/lessons ./engine/replay -count=1 -race -timeout 40m
part rules-bench 'Benchmark' $go test ./engine -run '^$' -bench Rules -count=6 -benchtime 0.3s
part compare 'households, ' $go test ./bench/compare -count=1 -v -timeout 60m -run TestEngine -args -people=100000
part corrupt-generation 'cases' $go test ./engine/store -count=1 -v -timeout 60m -run 'Corrupt|Damage' -args -corruptions=2000
part corrupt-snapshot 'damage_test.*:' $go test ./engine/snapshot -count=1 -v -timeout 60m -run 'Damage' -args -damage=2000
part kill 'killed|seed' $go test ./bench/crash -count=1 -v -timeout 90m -run TestKill -args -kills=200
part kill-steps 'kill_test.*:' $go test ./engine/publish -count=1 -v -timeout 90m -run 'Kill' -args -kills=200
part kill-serve 'kills,' $go test ./bench/counter -count=1 -v -timeout 60m -run TestKill -args -counter.kills=200
part kill-audit 'kills,' $go test ./engine/audit -count=1 -v -timeout 30m -run 'Killed' -args -audit.kills=200
part tampering 'found|entries' $go test ./engine/audit -count=1 -v -timeout 60m -run 'Tamper' -args -audit.entries=1000000 -audit.places=6
part audit-speed 'Benchmark(Verify|Append|Steady)' $go test ./engine/audit -run '^$' -bench 'Verify|Append|Steady' -count=6 -benchtime 1s
part snooping 'found|false' $go test ./engine/audit/snoop -count=1 -v -timeout 30m
part policy 'cases|wrong' $go test ./engine/access ./engine/authorization -count=1 -v -timeout 30m -run 'Matrix|Oracle|Policy'
part review-walk 'states|transitions' $go test ./engine/review -count=1 -v -timeout 60m -run Walk -args -review.long
part kill-ledger 'kills|acknowledged' $go test ./engine/ledger -count=1 -v -timeout 60m -run Kill -args -ledger.kills=200
part damage-ledger 'cases|wrong' $go test ./engine/ledger -count=1 -v -timeout 60m -run Damage -args -ledger.damages=300
part ledger-model '^(ok|FAIL|---)' $go test ./engine/ledger -count=1 -timeout 60m -run 'Together|Model' -args -rapid.checks=200
part accounts '^(ok|FAIL|---)' $go test ./engine/account -count=1 -timeout 60m -run 'Lockout|Random' -args -rapid.checks=2000
part hostile-clients 'p50|p99' $go test ./engine/api -count=1 -v -timeout 30m -run 'Slow|Reset|Header|Body' -args -api.slow=2000
part nonces '^(ok|FAIL|---)' $go test ./engine/keyring -count=1 -timeout 30m -args -keyring.seals=10000000
part at-rest 'hits' $go test ./cmd/hedui -count=1 -v -timeout 30m -run NothingInTheClear -args -atrest.people=20000
part kill-backup 'kills' $go test ./engine/upkeep -count=1 -v -timeout 30m -run Killed -args -upkeep.kills=200
part pool-damage '^(ok|FAIL|---)' $go test ./engine/upkeep -count=1 -timeout 30m -run DamagedPool -args -upkeep.damages=500
part retention '^(ok|FAIL|---)' $go test ./engine/upkeep -count=1 -timeout 30m -run NothingGoes -args -rapid.checks=20000
part recheck-worlds 'worlds|rerun' $go test ./engine/recheck -count=1 -v -timeout 60m -args -recheck.worlds=100
part kill-recheck 'kills|killed' $go test ./engine/desk -count=1 -v -timeout 60m -run RecheckKilled -args -desk.kills=50
part matrix 'calls|cases|values' $go test ./bench/proof -count=1 -v -timeout 30m
part leak-hunt 'hits' $go test ./cmd/hedui -count=1 -v -timeout 60m -run LeakHunt -args -leak.people=1000 -leak.households=100
part browser '^(ok|FAIL|---)|pages|differences|strings' make browser BROWSERFLAGS=-v
part pdf '^(ok|FAIL|---)' $go test ./engine/report/press -count=1 -timeout 30m -args -press.browser
part report-situations '^(ok|FAIL|---)' $go test ./engine/report -count=1 -timeout 60m -args -report.every=1 -rapid.checks=5000
part watermark 'wrong|named' $go test ./engine/export -count=1 -v -timeout 30m -args -export.every=1 -export.leaks=5000
part large-workbook 'households' $go test ./engine/form -count=1 -v -timeout 30m -run TestLargeWorkbook -args -form.households=30000
part batches '_test.go' $go test ./bench/batches -count=1 -v -timeout 90m -run TestBrokerFaults -args -integration -batches.requests=100000 -batches.kills=20 -batches.owners=4 -batches.freezes=6 -batches.storm=8 -batches.partitions=12
part broker 'kills|restart' $go test ./bench/broker/kraft -count=1 -v -timeout 60m -integration -args -broker.kills=50
part topic-kills 'kills' $go test ./engine/ingest/topic -count=1 -v -timeout 60m -args -topic.kills=100
part dock '^(ok|FAIL|---)' $go test ./bench/dock -count=1 -v -timeout 30m
part batches-speed '_test.go' $go test ./bench/batches -count=1 -v -timeout 90m -run TestBrokerLong -args -integration -batches.long
part watch-month 'alarms|alerts|patterns' $go test ./engine/watch -count=1 -v -timeout 30m -run Month -args -watch.workers=24 -watch.plant=50
part power-cut 'cuts with|seed|lost' $go test ./bench/crash -count=1 -v -timeout 90m -run TestPowerCut -args -powercuts="${HEDUI_POWERCUTS:-60}"
# A tenth of the file: what 1 GiB is to 10 GB.
part memory-1gb 'peak' $go test ./engine/ingest -count=1 -v -timeout 60m -run TestMemoryIsBounded -args -memory.file=1024 -memory.peak=102 -memory.budget=16
part fuzz 'targets|FAIL|crash' .ci/fuzz "${HEDUI_FUZZ_SECONDS:-60}"
part identity 'holds|[0-9] people, corr' $go run ./bench/identity -people 1000000 -seeds 1,2,3
part identity-x3 'holds|[0-9] people, corr' $go run ./bench/identity -people 1000000 -seeds 1 -corrupt x3
part weak-links 'ok|FAIL' $go test ./engine -count=1 -timeout 60m -run TestWeakLinks -args -rapid.checks=20000
part identity-sample 'sample:|reference' $go run ./bench/identity -people 1000000 -seeds 1 -sample 1000
part end-to-end '^\| (five|4 %|everybody)' $go run ./bench/endtoend -sizes 1000000 -rounds 5 -peers "$([ "$python" = none ] && echo none || echo duckdb)" -python "$python"

# Minutes and 40 GB of disk: only when named.
if [[ " ${wanted[*]-} " == *" memory-10gb "* ]]; then
	part memory-10gb 'peak' $go test ./engine/ingest -count=1 -v -timeout 90m -run TestMemoryIsBounded -args -memory.file=10240 -memory.peak=1024 -memory.budget=256
fi

printf '\n%s\n' "$([ $failed = 0 ] && echo 'All parts passed.' || echo 'At least one part FAILED.')" >>"$page"
cat "$page"
exit $failed
