#!/bin/bash
# Runs a game through its lifecycle with the AWS CLI. ENDPOINT is the endpoint of gamesparks-server. The environment has
# the variables that the server prints. The script writes files to the working directory.
set -euo pipefail

gs() { /usr/bin/aws --endpoint-url "$ENDPOINT" --output text --no-cli-pager gamesparks "$@"; }

# same NAME GOT WANT fails if GOT is not WANT.
same() {
  if [[ $2 != "$3" ]]; then
    echo "$1 = '$2', want '$3'" >&2
    exit 1
  fi
}

# fails CODE COMMAND... fails unless COMMAND fails with the error code CODE.
fails() {
  local code=$1 output status=0
  shift
  output=$("$@" 2>&1) || status=$?
  same "exit code of $*" "$status" 254
  [[ $output == *"($code)"* ]] || { echo "$*: $output, want $code" >&2; exit 1; }
}

arn=$(gs create-game --game-name cli --description "ä 'quoted' game" --tags 'team=a b,cost=1' --query Game.Arn)
same ARN "$arn" arn:aws:gamesparks:us-east-1:123456789012:game/cli
fails ConflictException gs create-game --game-name cli
fails ValidationException gs create-game --game-name 'not a name'
fails ResourceNotFoundException gs get-game --game-name missing
AWS_SECRET_ACCESS_KEY=wrong fails InvalidSignatureException gs get-game --game-name cli
AWS_ACCESS_KEY_ID=unknown fails UnrecognizedClientException gs get-game --game-name cli

gs untag-resource --resource-arn "$arn" --tag-keys cost
same tags "$(gs list-tags-for-resource --resource-arn "$arn" --query tags.team)" 'a b'

echo '{"Document":{"Type":"Game","Sections":{"Cli":{"levels":[1,2]}}}}' > game.json
# Inside a structure, the CLI accepts bytes in base64 only.
gs import-game-configuration --game-name cli --import-source "File=$(base64 -w 0 game.json)" > /dev/null
# AWS CLI 2 accepts documents in --cli-input-json only.
size=$(gs update-game-configuration --game-name cli --query 'GameConfiguration.Sections.Cli.Size' --cli-input-json \
  '{"Modifications":[{"Section":"Cli","Operation":"ADD","Path":"/levels/-","Value":{"id":3}}]}')
same size "$size" "$(printf %s '{"levels":[1,2,{"id":3}]}' | wc -c)"

snapshot=$(gs create-snapshot --game-name cli --description first --query Snapshot.Id)
gs create-snapshot --game-name cli --description second --query Snapshot.Id > /dev/null
url=$(gs export-snapshot --game-name cli --snapshot-id "$snapshot" --query S3Url)
/usr/bin/python3 -c 'import sys, urllib.request; sys.stdout.buffer.write(urllib.request.urlopen(sys.argv[1]).read())' "$url" > exported.json
/usr/bin/python3 -c 'import json; assert json.load(open("exported.json"))["Document"]["Sections"] == {"Cli": {"levels": [1, 2, {"id": 3}]}}'

gs create-stage --game-name cli --stage-name dev --role arn:aws:iam::123456789012:role/r > /dev/null
gs start-stage-deployment --game-name cli --stage-name dev --snapshot-id "$snapshot" > /dev/null
for _ in {1..30}; do
  state=$(gs get-stage-deployment --game-name cli --stage-name dev --query StageDeployment.DeploymentState)
  [[ $state == PENDING || $state == IN_PROGRESS ]] || break
done
same "deployment state" "$state" COMPLETED

# Pagination by the CLI: all pages, and a list that --max-items truncates.
same "number of snapshots" "$(gs list-snapshots --game-name cli --page-size 1 --query 'length(Snapshots)' --output json)" 2
token=$(gs list-snapshots --game-name cli --page-size 1 --max-items 1 --query NextToken --output json | tr -d '"')
rest=$(gs list-snapshots --game-name cli --page-size 1 --starting-token "$token" --query 'Snapshots[].Id')
same "snapshots after the token" "$rest" "$snapshot"

gs delete-game --game-name cli
for _ in {1..30}; do
  gs get-game --game-name cli > /dev/null 2>&1 || break
done
fails ResourceNotFoundException gs get-game --game-name cli
echo "lifecycle complete"
