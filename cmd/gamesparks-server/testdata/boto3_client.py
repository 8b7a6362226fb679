"""Tests all operations, paginators and errors of boto3's gamesparks client against gamesparks-server.

The environment has the endpoints:

ENDPOINT         has the access keys full, reader (read-only) and temporary (with session token "token/+="), all with
                 the secret "s3cret/+="
QUOTA_ENDPOINT   allows one game
SLOW_ENDPOINT    completes deployments, jobs and deletions after an hour or more
FAULTY_ENDPOINT  fails the next call of an operation after a GET of INJECT
"""

import base64
import contextlib
import datetime
import http.client
import io
import json
import os
import time
import types
import urllib.error
import urllib.parse
import urllib.request
import uuid
import zipfile
from unittest import mock

import boto3
import botocore
import botocore.auth
from botocore.config import Config
from botocore.exceptions import ClientError

signing_modules = [botocore.auth]
if botocore.auth.HAS_CRT:
    import botocore.crt.auth

    signing_modules.append(botocore.crt.auth)

SECRET = "s3cret/+="
ROLE = "arn:aws:iam::123456789012:role/stage"
called = set()


def client(endpoint=os.environ["ENDPOINT"], key="full", secret=SECRET, token=None, region="eu-west-1", **config):
    c = boto3.client(
        "gamesparks",
        endpoint_url=endpoint,
        region_name=region,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        aws_session_token=token,
        config=Config(retries={"total_max_attempts": 1}, **config),
    )
    c.meta.events.register("after-call.gamesparks", lambda model, **_: called.add(model.name))
    return c


def expect(status, code, call, **params):
    """Checks that the call fails with the status and the code, and returns the error message."""
    try:
        call(**params)
    except ClientError as e:
        got = e.response["ResponseMetadata"]["HTTPStatusCode"], e.response["Error"]["Code"]
        assert got == (status, code), f"{got} {e}, want {status} {code}"
        modeled = getattr(call.__self__.exceptions, code, None) if code in MODELED else None
        assert modeled is None or isinstance(e, modeled), f"{e!r} is not an instance of {code}"
        return e.response["Error"]["Message"]
    raise AssertionError(f"{call.__name__}{params} succeeded, want {status} {code}")


MODELED = {
    "AccessDeniedException", "ConflictException", "InternalServerException", "ResourceNotFoundException",
    "ServiceQuotaExceededException", "ThrottlingException", "ValidationException",
}


def wait(state, condition):
    """Polls condition for at most 20 seconds and returns its first true result."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        result = condition()
        if result:
            return result
        time.sleep(0.02)
    raise AssertionError("timed out: not " + state)


def wait_not_found(call, **params):
    def not_found():
        try:
            call(**params)
        except ClientError as e:
            assert e.response["Error"]["Code"] == "ResourceNotFoundException", e
            return True

    wait("deleted", not_found)


def download(url):
    with urllib.request.urlopen(url) as response:
        return response.read()


def rejection(url, **headers):
    """Returns the HTTP status of a GET, which must fail."""
    try:
        urllib.request.urlopen(urllib.request.Request(url, headers=headers))
    except urllib.error.HTTPError as e:
        return e.code
    raise AssertionError("not rejected: " + url)


def games(gs):
    game = gs.create_game(GameName="lifecycle", Description="ä \"game\"", Tags={"team": "a/b c"})["Game"]
    assert game["Arn"] == "arn:aws:gamesparks:eu-west-1:123456789012:game/lifecycle", game
    assert game["State"] == "ACTIVE" and game["Tags"] == {"team": "a/b c"}, game
    age = datetime.datetime.now(datetime.timezone.utc) - game["Created"]
    assert abs(age) < datetime.timedelta(minutes=1), age
    assert gs.get_game(GameName="lifecycle")["Game"]["Description"] == "ä \"game\""
    assert gs.update_game(GameName="lifecycle", Description="changed")["Game"]["Description"] == "changed"

    expect(409, "ConflictException", gs.create_game, GameName="lifecycle")
    expect(404, "ResourceNotFoundException", gs.get_game, GameName="missing")
    expect(404, "ResourceNotFoundException", gs.update_game, GameName="missing")
    token = str(uuid.uuid4())
    first = gs.create_game(GameName="token", ClientToken=token)["Game"]
    assert gs.create_game(GameName="token", ClientToken=token)["Game"] == first
    expect(409, "ConflictException", gs.create_game, GameName="token", ClientToken=token, Description="other")

    arn = game["Arn"]
    gs.tag_resource(ResourceArn=arn, tags={"a": "1", "b": "2"})
    assert gs.list_tags_for_resource(ResourceArn=arn)["tags"] == {"team": "a/b c", "a": "1", "b": "2"}
    gs.untag_resource(ResourceArn=arn, tagKeys=["a", "team"])
    assert gs.list_tags_for_resource(ResourceArn=arn)["tags"] == {"b": "2"}
    expect(404, "ResourceNotFoundException", gs.list_tags_for_resource, ResourceArn=arn + "-missing")


def configuration(gs):
    assert gs.get_game_configuration(GameName="lifecycle")["GameConfiguration"]["Sections"] == {}
    sections = {"Custom.Section": {"list": [1, 2.5, None, True], "text": "ä"}}
    text = json.dumps({"Document": {"Type": "Game", "Sections": sections}}, ensure_ascii=False).encode()
    got = gs.import_game_configuration(GameName="lifecycle", ImportSource={"File": text})["GameConfiguration"]
    assert got["Sections"]["Custom.Section"]["Attributes"] == sections["Custom.Section"], got
    assert got["Sections"]["Custom.Section"]["Size"] == len('{"list":[1,2.5,null,true],"text":"ä"}'.encode()), got

    gs.update_game_configuration(GameName="lifecycle", Modifications=[
        {"Section": "Custom.Section", "Operation": "ADD", "Path": "/list/0", "Value": {"deep": [{}]}},
        {"Section": "Custom.Section", "Operation": "REPLACE", "Path": "/text", "Value": "new"},
        {"Section": "Custom.Section", "Operation": "REMOVE", "Path": "/list/1"},
    ])
    want = {"list": [{"deep": [{}]}, 2.5, None, True], "text": "new"}
    got = gs.get_game_configuration(GameName="lifecycle", Sections=["Custom.Section"])["GameConfiguration"]
    assert got["Sections"]["Custom.Section"]["Attributes"] == want, got

    # The update is atomic: the second modification fails, so the first has no effect.
    expect(400, "ValidationException", gs.update_game_configuration, GameName="lifecycle", Modifications=[
        {"Section": "Custom.Section", "Operation": "REPLACE", "Path": "/text", "Value": "lost"},
        {"Section": "Custom.Section", "Operation": "REMOVE", "Path": "/missing"},
    ])
    got = gs.get_game_configuration(GameName="lifecycle")["GameConfiguration"]
    assert got["Sections"]["Custom.Section"]["Attributes"] == want, got
    message = expect(400, "ValidationException", gs.import_game_configuration, GameName="lifecycle",
                     ImportSource={"File": b'{"Document":\n {"Type" "Game"}}'})
    assert "line 2" in message, message
    return want


def snapshots(gs, section):
    snapshot = gs.create_snapshot(GameName="lifecycle", Description="first")["Snapshot"]
    assert snapshot["Sections"]["Custom.Section"]["Attributes"] == section, snapshot
    id = snapshot["Id"]
    gs.update_snapshot(GameName="lifecycle", SnapshotId=id, Description="renamed")
    got = gs.get_snapshot(GameName="lifecycle", SnapshotId=id, Sections=["Custom.Section"])["Snapshot"]
    assert got["Description"] == "renamed" and got["Sections"]["Custom.Section"]["Attributes"] == section, got
    missing = "Snapshot_2021-08-17T00:00:00.000Z"
    expect(404, "ResourceNotFoundException", gs.get_snapshot, GameName="lifecycle", SnapshotId=missing)

    url = gs.export_snapshot(GameName="lifecycle", SnapshotId=id)["S3Url"]
    exported = download(url)
    assert json.loads(exported)["Document"]["Sections"]["Custom.Section"] == section, exported
    gs.import_game_configuration(GameName="lifecycle", ImportSource={"File": exported})
    assert rejection(url.replace("X-Amz-Expires=600", "X-Amz-Expires=6000")) == 403
    assert rejection(url[:-1] + ("0" if url[-1] != "0" else "1")) == 403
    assert rejection(url.split("?")[0]) == 403
    return id


def code(gs, snapshot):
    params = {"GameName": "lifecycle", "SnapshotId": snapshot}
    job = gs.start_generated_code_job(Generator={"Language": "Go", "TargetPlatform": "Linux", "GameSdkVersion": "LATEST"}, **params)
    id = job["GeneratedCodeJobId"]

    def completed():
        got = gs.get_generated_code_job(JobId=id, **params)["GeneratedCodeJob"]
        assert got["Status"] != "FAILED", got
        return got if got["Status"] == "COMPLETED" else None

    done = wait("completed", completed)
    assert done["ExpirationTime"] > datetime.datetime.now(datetime.timezone.utc), done
    with zipfile.ZipFile(io.BytesIO(download(done["S3Url"]))) as archive:
        assert archive.testzip() is None and any(name.endswith(".go") for name in archive.namelist()), archive.namelist()
    for _ in range(2):
        gs.start_generated_code_job(Generator={"Language": "Go"}, **params)
    expect(404, "ResourceNotFoundException", gs.get_generated_code_job, JobId=str(uuid.uuid4()), **params)


def stages(gs, snapshot):
    stage = gs.create_stage(GameName="lifecycle", StageName="dev", Role=ROLE, Description="d", Tags={"k": "v"})["Stage"]
    assert stage["Arn"] == "arn:aws:gamesparks:eu-west-1:123456789012:game/lifecycle/stage/dev", stage
    assert stage["LogGroup"] == "/aws/gamesparks/lifecycle/dev", stage
    assert gs.get_stage(GameName="lifecycle", StageName="dev")["Stage"] == stage
    gs.update_stage(GameName="lifecycle", StageName="dev", Role=ROLE + "2", Description="other")
    assert gs.get_stage(GameName="lifecycle", StageName="dev")["Stage"]["Role"] == ROLE + "2"
    expect(409, "ConflictException", gs.create_stage, GameName="lifecycle", StageName="dev", Role=ROLE)
    expect(404, "ResourceNotFoundException", gs.create_stage, GameName="missing", StageName="dev", Role=ROLE)
    expect(404, "ResourceNotFoundException", gs.get_stage, GameName="lifecycle", StageName="missing")
    expect(404, "ResourceNotFoundException", gs.delete_stage, GameName="lifecycle", StageName="missing")

    dev = {"GameName": "lifecycle", "StageName": "dev"}
    expect(404, "ResourceNotFoundException", gs.get_stage_deployment, **dev)
    expect(404, "ResourceNotFoundException", gs.start_stage_deployment, SnapshotId="Snapshot_2021-08-17T00:00:00.000Z", **dev)
    ids = []
    for _ in range(3):
        token = str(uuid.uuid4())
        started = gs.start_stage_deployment(SnapshotId=snapshot, ClientToken=token, **dev)["StageDeployment"]
        assert started["DeploymentAction"] == "DEPLOY", started
        again = gs.start_stage_deployment(SnapshotId=snapshot, ClientToken=token, **dev)["StageDeployment"]
        assert again["DeploymentId"] == started["DeploymentId"], again
        ids.insert(0, started["DeploymentId"])
        wait("deployed", lambda: gs.get_stage_deployment(**dev)["StageDeployment"]["DeploymentState"] == "COMPLETED")
    got = gs.get_stage_deployment(DeploymentId=ids[-1], **dev)["StageDeployment"]
    assert got["SnapshotId"] == snapshot and got["DeploymentResult"]["ResultCode"] == "SUCCESS", got
    return stage["GameKey"], ids


def players(gs, key):
    player = {"GameName": "lifecycle", "StageName": "dev", "PlayerId": "p-1"}
    assert gs.get_player_connection_status(**player)["Connections"] == []

    # A minimal WebSocket client.
    url = urllib.parse.urlsplit(os.environ["ENDPOINT"])
    connection = http.client.HTTPConnection(url.netloc, timeout=20)
    query = urllib.parse.urlencode({"gameKey": key, "playerId": "p-1"})
    connection.putrequest("GET", "/runtime/game/lifecycle/stage/dev/connect?" + query)
    for name, value in {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
                        "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode()}.items():
        connection.putheader(name, value)
    connection.endheaders()
    sock = connection.sock
    header = b""
    while b"\r\n\r\n" not in header:
        got = sock.recv(1)
        assert got, header
        header += got
    assert b" 101 " in header.split(b"\r\n")[0], header

    connections = gs.get_player_connection_status(**player)["Connections"]
    assert len(connections) == 1, connections
    disconnected = gs.disconnect_player(**player)
    assert disconnected["DisconnectSuccesses"] == [connections[0]["Id"]] and disconnected["DisconnectFailures"] == [], disconnected
    assert sock.recv(1)[:1] == b"\x88", "no close frame"
    sock.close()
    wait("disconnected", lambda: gs.get_player_connection_status(**player)["Connections"] == [])
    expect(404, "ResourceNotFoundException", gs.disconnect_player, **dict(player, StageName="missing"))


def extensions(gs):
    extension = gs.list_extensions()["Extensions"][0]
    name = {"Namespace": extension["Namespace"], "Name": extension["Name"]}
    assert gs.get_extension(**name)["Extension"] == extension
    version = gs.list_extension_versions(**name)["ExtensionVersions"][0]
    assert gs.get_extension_version(ExtensionVersion=version["Version"], **name)["ExtensionVersion"] == version
    expect(404, "ResourceNotFoundException", gs.get_extension, Namespace="no", Name="no")
    return name


def paginators(gs, snapshot, deployments, extension):
    for i in range(4):
        gs.create_game(GameName=f"page-{i}")
        gs.create_stage(GameName="lifecycle", StageName=f"stage-{i}", Role=ROLE)
        gs.create_snapshot(GameName="lifecycle", Description=str(i))

    def pages(operation, key, size, id, **params):
        paginator = gs.get_paginator(operation)
        each = list(paginator.paginate(PaginationConfig={"PageSize": size}, **params))
        assert all(len(page[key]) <= size for page in each), each
        items = [id(item) for page in each for item in page[key]]
        assert len(set(items)) == len(items) > 0, items
        assert items == [id(item) for item in getattr(gs, operation)(**params)[key]], items
        # The resume token of boto3 continues after a list that MaxItems truncates.
        truncated = paginator.paginate(PaginationConfig={"PageSize": size, "MaxItems": 1}, **params).build_full_result()
        rest = []
        if "NextToken" in truncated:
            rest = paginator.paginate(
                PaginationConfig={"PageSize": size, "StartingToken": truncated["NextToken"]}, **params).build_full_result()[key]
        assert [id(item) for item in truncated[key] + rest] == items, (truncated, rest)
        return items

    name = lambda item: item["Name"]
    game = {"GameName": "lifecycle"}
    assert pages("list_games", "Games", 2, name) == ["lifecycle", "page-0", "page-1", "page-2", "page-3", "token"]
    assert pages("list_stages", "Stages", 2, name, **game) == ["dev", "stage-0", "stage-1", "stage-2", "stage-3"]
    assert len(pages("list_snapshots", "Snapshots", 3, lambda s: s["Id"], **game)) == 5
    assert pages("list_stage_deployments", "StageDeployments", 1, lambda d: d["DeploymentId"], StageName="dev", **game) == deployments
    jobs = pages("list_generated_code_jobs", "GeneratedCodeJobs", 2, lambda j: j["GeneratedCodeJobId"], SnapshotId=snapshot, **game)
    assert len(jobs) == 3, jobs
    pages("list_extensions", "Extensions", 1, lambda e: (e["Namespace"], e["Name"]))
    pages("list_extension_versions", "ExtensionVersions", 1, lambda v: v["Version"], **extension)

    token = gs.list_games(MaxResults=2)["NextToken"]
    expect(400, "ValidationException", gs.list_stages, NextToken=token, **game)
    expect(400, "ValidationException", gs.list_games, NextToken="nonsense")


# Valid parameters of resources that do not exist, by name.
VALID = {
    "ExtensionVersion": "1.0.0",
    "GameName": "missing",
    "Generator": {"Language": "Go", "TargetPlatform": "Linux", "GameSdkVersion": "1.0.0"},
    "ImportSource": {"File": b'{"Document":{"Type":"Game","Sections":{}}}'},
    "JobId": "00000000-0000-0000-0000-000000000000",
    "Modifications": [{"Section": "S", "Path": "/a", "Operation": "ADD", "Value": 1}],
    "Name": "missing",
    "Namespace": "missing",
    "PlayerId": "missing",
    "ResourceArn": "arn:aws:gamesparks:eu-west-1:123456789012:game/missing",
    "Role": ROLE,
    "SnapshotId": "Snapshot_2021-08-17T00:00:00.000Z",
    "StageName": "missing",
    "tagKeys": ["key"],
    "tags": {"key": "value"},
}


def method(gs, operation):
    return getattr(gs, botocore.xform_name(operation.name))


def required(operation):
    return {name: VALID[name] for name in operation.input_shape.required_members}


def violations(shape, value):
    """Yields variants of value that violate one constraint of the shape, each with the name of the invalid member."""
    limits = shape.metadata
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            if name in shape.required_members and member.serialization.get("location") != "uri":
                yield name, {k: v for k, v in value.items() if k != name}
            for broken, bad in violations(member, value.get(name, VALID.get(name))):
                yield broken or name, dict(value, **{name: bad})
    elif shape.type_name == "list":
        for broken, bad in violations(shape.member, value[0] if value else None):
            yield broken, [bad]
        in_query = shape.serialization.get("location") == "querystring"  # an empty list there is the same as none
        yield from ((None, (value or ["x"]) * n) for n in bad_lengths(limits) if n or not in_query)
    elif shape.type_name == "map":
        yield from ((None, {bad: "value"}) for _, bad in violations(shape.key, None))
        yield from ((None, {"key": bad}) for _, bad in violations(shape.value, None))
        yield from ((None, {f"key{chr(97 + i // 26)}{chr(97 + i % 26)}": "v" for i in range(n)}) for n in bad_lengths(limits))
    elif shape.type_name == "string":
        if getattr(shape, "enum", None):
            yield None, "NO_SUCH_VALUE"
        if "pattern" in limits:
            yield None, "!~ "
        yield from ((None, "x" * n) for n in bad_lengths(limits) if n)
    elif shape.type_name == "integer":
        yield from ((None, n) for n in bad_lengths(limits))
    elif shape.type_name == "blob":
        yield from ((None, b"x" * n) for n in bad_lengths(limits))


def bad_lengths(limits):
    if "min" in limits and limits["min"] > 0:
        yield limits["min"] - 1
    if "max" in limits:
        yield limits["max"] + 1


def model_errors():
    """Checks the errors that the model lists for each operation."""
    gs, reader = client(parameter_validation=False), client(key="reader")
    faulty = client(os.environ["FAULTY_ENDPOINT"])
    count = 0
    for name in gs.meta.service_model.operation_names:
        operation = gs.meta.service_model.operation_model(name)
        errors = {shape.name: shape.metadata["error"]["httpStatusCode"] for shape in operation.error_shapes}
        params = required(operation)

        for member, bad in violations(operation.input_shape, params):
            message = expect(400, "ValidationException", method(gs, operation), **bad)
            assert member.lower() in message.lower(), f"{name}: message {message!r} does not name {member}"
            count += 1
        if "ResourceNotFoundException" in errors:
            expect(404, "ResourceNotFoundException", method(gs, operation), **params)
        if operation.http["method"] != "GET":
            expect(403, "AccessDeniedException", method(reader, operation), **params)
        for code, status in errors.items():
            download(os.environ["INJECT"] + "?" + urllib.parse.urlencode({"operation": name, "code": code}))
            expect(status, code, method(faulty, operation), **params)
    assert count > 100, count


def permissions():
    reader = client(key="reader")
    assert reader.get_game(GameName="lifecycle")["Game"]["Name"] == "lifecycle"
    assert reader.list_games()["Games"]


def signatures():
    get = {"GameName": "lifecycle"}
    assert client(key="temporary", token="token/+=").get_game(**get)["Game"]["Name"] == "lifecycle"
    expect(403, "UnrecognizedClientException", client(key="unknown").get_game, **get)
    expect(403, "UnrecognizedClientException", client(key="temporary").get_game, **get)
    expect(403, "UnrecognizedClientException", client(key="temporary", token="other").get_game, **get)
    expect(403, "UnrecognizedClientException", client(token="unexpected").get_game, **get)
    expect(403, "InvalidSignatureException", client(secret="wrong").get_game, **get)
    expect(403, "InvalidSignatureException", client(region="us-east-1").get_game, **get)

    unsigned = client()
    unsigned.meta.events.register("choose-signer.gamesparks", lambda **_: botocore.UNSIGNED)
    expect(403, "MissingAuthenticationTokenException", unsigned.get_game, **get)

    # Changes after signing.
    for change in [
        lambda request: setattr(request, "body", request.body.replace(b"ok", b"no")),
        lambda request: request.headers.__setitem__("Content-Type", "application/json; charset=utf-8"),
        lambda request: setattr(request, "url", request.url + "?more=1"),
    ]:
        changed = client()
        changed.meta.events.register("before-send.gamesparks", lambda request, **_: change(request))
        expect(403, "InvalidSignatureException", changed.create_game, GameName="ok")
    malformed = client()
    malformed.meta.events.register(
        "before-send.gamesparks", lambda request, **_: request.headers.__setitem__("Authorization", "AWS4-HMAC-SHA256 x"))
    expect(400, "IncompleteSignatureException", malformed.get_game, **get)

    # Clock skew.
    for skew, text in [(-301, "expired"), (301, "not yet current")]:
        class Skewed(datetime.datetime):
            @classmethod
            def utcnow(cls):
                return datetime.datetime.utcnow() + datetime.timedelta(seconds=skew)

        fake = types.SimpleNamespace(**dict(vars(datetime), datetime=Skewed))
        with contextlib.ExitStack() as patches:
            for module in signing_modules:
                patches.enter_context(mock.patch.object(module, "datetime", fake))
            message = expect(403, "InvalidSignatureException", client().get_game, **get)
        assert text in message, message

    # Presigned URL.
    url = client().generate_presigned_url("get_game", Params=get, ExpiresIn=60)
    assert json.loads(download(url))["Game"]["Name"] == "lifecycle"
    assert rejection(url.replace("/game/lifecycle", "/game/token")) == 403


def quota():
    gs = client(os.environ["QUOTA_ENDPOINT"])
    gs.create_game(GameName="one")
    expect(402, "ServiceQuotaExceededException", gs.create_game, GameName="two")


def deletion(gs):
    gs.delete_stage(GameName="lifecycle", StageName="stage-0")
    wait_not_found(gs.get_stage, GameName="lifecycle", StageName="stage-0")
    gs.delete_game(GameName="lifecycle")
    wait_not_found(gs.get_game, GameName="lifecycle")
    expect(404, "ResourceNotFoundException", gs.get_stage, GameName="lifecycle", StageName="dev")
    gs.delete_game(GameName="lifecycle")  # deleting a game that does not exist succeeds


def in_progress():
    """Checks deployments, jobs and deletions that have not completed."""
    gs = client(os.environ["SLOW_ENDPOINT"])
    for game in ("deploying", "deleted"):
        gs.create_game(GameName=game)
        gs.create_stage(GameName=game, StageName="dev", Role=ROLE)
    dev = {"GameName": "deploying", "StageName": "dev"}
    snapshot = gs.create_snapshot(GameName="deploying")["Snapshot"]["Id"]
    started = gs.start_stage_deployment(SnapshotId=snapshot, **dev)["StageDeployment"]
    assert started["DeploymentState"] == "PENDING" and "DeploymentResult" not in started, started
    assert gs.get_stage_deployment(**dev)["StageDeployment"] == started
    expect(409, "ConflictException", gs.start_stage_deployment, SnapshotId=snapshot, **dev)
    expect(409, "ConflictException", gs.delete_stage, **dev)
    expect(409, "ConflictException", gs.delete_game, GameName="deploying")

    params = {"GameName": "deploying", "SnapshotId": snapshot}
    job = gs.start_generated_code_job(Generator={"Language": "Go"}, **params)["GeneratedCodeJobId"]
    status = gs.get_generated_code_job(JobId=job, **params)["GeneratedCodeJob"]
    assert status["Status"] == "PENDING" and "S3Url" not in status, status

    gs.delete_stage(GameName="deleted", StageName="dev")
    assert gs.get_stage(GameName="deleted", StageName="dev")["Stage"]["State"] == "DELETING"
    gs.delete_game(GameName="deleted")
    assert gs.get_game(GameName="deleted")["Game"]["State"] == "DELETING"


def main():
    gs = client()
    games(gs)
    section = configuration(gs)
    snapshot = snapshots(gs, section)
    code(gs, snapshot)
    key, deployments = stages(gs, snapshot)
    players(gs, key)
    paginators(gs, snapshot, deployments, extensions(gs))
    model_errors()
    permissions()
    signatures()
    quota()
    deletion(gs)
    in_progress()
    missing = set(gs.meta.service_model.operation_names) - called
    assert not missing, f"operations not called: {missing}"
    print(f"{len(called)} operations")


main()
