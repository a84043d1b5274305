#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A solver in shell: no all-reduce without help from switches sends less than 2(n-1)/n of the buffer from every
# rank. Problems are compact JSON with sorted keys, so that sed finds what it needs.
echo '{"plumbline": 1, "name": "bandwidth_sh", "claim": "lower", "citation": "Patarasuk and Yuan 2009",' \
  '"domain": {"collective": ["all_reduce"], "algorithm": ["ring"]}}'
while read -r problem; do
  field() { printf '%s' "$problem" | sed -n "s/.*$1\":\([^,}]*\).*/\1/p"; }
  id=$(field '"id')
  bandwidth=$(field '"fabric":{"bandwidth')
  ranks=$(field '"ranks')
  size=$(field '"size')
  if [ "$bandwidth" = null ]; then
    echo "{\"id\": $id, \"not_applicable\": \"ranks differ\"}"
  else
    awk -v id="$id" -v n="$ranks" -v s="$size" -v b="$bandwidth" \
      'BEGIN { printf "{\"id\": %d, \"lower_s\": %.17g}\n", id, 2 * (n - 1) / n * s / b }'
  fi
done
