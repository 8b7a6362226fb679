"""Tests the test API of gamesparks-server at ENDPOINT, whose deployments take hours, with boto3."""

import json
import os
import urllib.error
import urllib.request

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config

ENDPOINT = os.environ["ENDPOINT"]
session = boto3.Session("local", "local", region_name="us-east-1")


def test_api(method, path, document=None):
    """Calls the test API and returns the response."""
    body = None if document is None else json.dumps(document).encode()
    request = AWSRequest(method, ENDPOINT + path, {"Content-Type": "application/json"}, body)
    SigV4Auth(session.get_credentials(), "gamesparks", session.region_name).add_auth(request)
    request = urllib.request.Request(request.url, body, dict(request.headers), method=method)
    with urllib.request.urlopen(request) as response:
        return json.load(response)


def client(attempts):
    config = Config(retries={"total_max_attempts": attempts, "mode": "standard"})
    return session.client("gamesparks", endpoint_url=ENDPOINT, config=config)


once, retrying = client(1), client(5)

# A fault that ends is hidden by the retries of boto3.
test_api("POST", "/test/faults", {"Operation": "ListGames", "Code": "ThrottlingException", "Count": 2})
out = retrying.list_games()
assert out["ResponseMetadata"]["RetryAttempts"] == 2, out

# Another one fails until it is removed.
fault = test_api("POST", "/test/faults", {"Operation": "ListGames", "Code": "ThrottlingException"})["Fault"]
try:
    once.list_games()
    raise AssertionError("the call succeeded")
except once.exceptions.ThrottlingException as e:
    assert e.response["ResponseMetadata"]["HTTPStatusCode"] == 429, e.response
assert test_api("GET", "/test/faults") == {"Faults": [fault]}
test_api("DELETE", "/test/faults/" + fault["Id"])
assert once.list_games()["Games"] == []

# The clock completes a deployment.
game, stage = {"GameName": "lighthouse"}, {"GameName": "lighthouse", "StageName": "dev"}
once.create_game(**game)
once.create_stage(**stage, Role="arn:aws:iam::123456789012:role/stage")
snapshot = once.create_snapshot(**game)["Snapshot"]["Id"]
once.start_stage_deployment(**stage, SnapshotId=snapshot)
assert once.get_stage_deployment(**stage)["StageDeployment"]["DeploymentState"] == "PENDING"
before = test_api("GET", "/test/clock")
after = test_api("POST", "/test/clock", {"AdvanceSeconds": 7200})
assert (before["OffsetSeconds"], after["OffsetSeconds"]) == (0, 7200), (before, after)
assert once.get_stage_deployment(**stage)["StageDeployment"]["DeploymentState"] == "COMPLETED"

# The reset deletes everything.
test_api("POST", "/test/faults", {"Code": "InternalServerException"})
assert test_api("POST", "/test/reset") == {}
assert once.list_games()["Games"] == []
try:
    once.get_game(**game)
    raise AssertionError("the game exists")
except once.exceptions.ResourceNotFoundException:
    pass

# Errors have the form of the API.
try:
    test_api("POST", "/test/clock", {"AdvanceSeconds": -1})
    raise AssertionError("the clock moved back")
except urllib.error.HTTPError as e:
    assert (e.code, e.headers["X-Amzn-ErrorType"]) == (400, "ValidationException"), e.headers
    assert "Message" in json.load(e) and e.headers["X-Amzn-RequestId"]

print("test API complete")
