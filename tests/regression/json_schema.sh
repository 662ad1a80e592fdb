#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The JSON Schema of the keys against a validator of others: it is a schema, takes every shipped case as it is and
# as it is resolved, and refuses what calor refuses. Skipped without Python's tomllib and jsonschema.
# shellcheck source=tests/regression/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

python3 -W ignore -c "import tomllib, jsonschema; jsonschema.Draft202012Validator" 2>/dev/null || {
  echo "skipped: no Python with tomllib and jsonschema"
  exit 77
}
expect_exit 0 calor schema --json-schema
cp "$out" schema.json
expect_exit 64 calor schema --json-schema --markdown
# As resolved: with every key that has a default.
for path in "$configs"/*.toml; do
  timeout -s USR1 -k 60 3 "$CALOR" run "$path" -o "resolved/$(basename "$path" .toml)" >/dev/null 2>&1 || true
done
cat >validate.py <<'EOF'
import datetime, glob, json, sys, tomllib
from jsonschema import Draft202012Validator as Validator

schema = json.load(open("schema.json"))
Validator.check_schema(schema)
validator = Validator(schema)

def plain(v):  # JSON has no stamps
    if isinstance(v, dict):
        return {k: plain(w) for k, w in v.items()}
    if isinstance(v, list):
        return [plain(w) for w in v]
    return v.isoformat() if isinstance(v, (datetime.date, datetime.datetime)) else v

def wrong(case):
    return [f"{e.json_path}: {e.message}" for e in validator.iter_errors(plain(case))]

shipped, resolved = glob.glob(sys.argv[1] + "/*.toml"), glob.glob("resolved/*/case.toml")
assert len(shipped) > 5 and len(resolved) > 5, (shipped, resolved)
for path in shipped + resolved:
    assert not (all := wrong(tomllib.load(open(path, "rb")))), (path, all)

described = json.dumps(schema)
assert described.count('"description"') > 100
for bad in ['[grid]\nny = 0', '[grid]\nnx = 4.5', '[grid]\nnz = 4', '[tme]\nend = 1', '[time]\nmethod = "eulr"',
            '[time]\ntolerance = 2.0', '[time]\nend = -1.0', '[[region]]\nshape = "rectangle"',
            '[[probe]]\nname = "a"\nat = [1.0]', '[boundary]\nleft = { type = "wall" }',
            '[boundary]\nleft = [{ type = "convection", films = 3.0 }]', '[functions.f]\nvalues = [1.0]',
            '[output]\nfields = ["heat"]', '[material]\ndensity = true', '[checkpoint]\nkeep = 0']:
    assert wrong(tomllib.loads(bad)), "taken: " + bad
EOF
expect_exit 0 python3 -W ignore validate.py "$configs"
finish
