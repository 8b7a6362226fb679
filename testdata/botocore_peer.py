"""Runs botocore's gamesparks client for a Go test.

The first line on stdout is botocore's model of the service. Each line on stdin is a case, and the reply is one line on
stdout: the request that botocore sends for the parameters, the result or error that it decodes from the response, and the
Authorization header that it computes for the request of the client under test. For a line with Endpoint, the reply is
the endpoint that botocore resolves.
"""

import base64
import datetime
import json
import sys

import botocore.session
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.endpoint_provider import EndpointProvider
from botocore.exceptions import ClientError, EndpointProviderError


class Raw:
    def __init__(self, body):
        self.body = body

    def stream(self):
        yield self.body


def main():
    setup = json.loads(sys.stdin.readline())
    session = botocore.session.Session()
    model = session.get_service_model("gamesparks")
    loader = session.get_component("data_loader")
    reply(loader.load_service_model("gamesparks", "service-2"))
    endpoints = EndpointProvider(
        loader.load_service_model("gamesparks", "endpoint-rule-set-1"), loader.load_data("partitions")
    )

    client = session.create_client(
        "gamesparks",
        region_name=setup["Region"],
        aws_access_key_id=setup["AccessKey"],
        aws_secret_access_key=setup["SecretKey"],
        aws_session_token=setup["SessionToken"],
        config=Config(parameter_validation=False, retries={"total_max_attempts": 1}),
    )
    signer = SigV4Auth(
        Credentials(setup["AccessKey"], setup["SecretKey"], setup["SessionToken"]), "gamesparks", setup["Region"]
    )

    sent = []
    answer = {}

    def intercept(request, **_):
        sent.append(request)
        return AWSResponse(
            request.url, answer["Status"], answer["Header"], Raw(base64.b64decode(answer["Body"]))
        )

    client.meta.events.register("before-send.gamesparks", intercept)

    for line in sys.stdin:
        case = json.loads(line)
        if case.get("Endpoint"):
            reply(resolve(endpoints, case["Endpoint"]))
            continue
        operation = model.operation_model(case["Operation"])
        answer = case["Response"]
        sent.clear()
        out = {}
        try:
            result = client._make_api_call(
                case["Operation"], params(operation.input_shape, case["Params"])
            )
            result.pop("ResponseMetadata")
            out["Result"] = values(operation.output_shape, result)
        except ClientError as e:
            out["Error"] = {
                "Type": type(e).__name__,
                "Code": e.response["Error"]["Code"],
                "Message": e.response["Error"]["Message"],
                "Status": e.response["ResponseMetadata"]["HTTPStatusCode"],
                "RequestID": e.response["ResponseMetadata"].get("RequestId", ""),
            }
        except Exception as e:  # the response cannot be parsed
            out["Failure"] = f"{type(e).__name__}: {e}"
        out["Request"] = {
            "Method": sent[0].method,
            "URL": sent[0].url,
            "ContentType": text(sent[0].headers.get("Content-Type", "")),
            "Body": text(sent[0].body or ""),
        }
        out["Authorization"] = sign(signer, case["Sent"])
        reply(out)


def resolve(endpoints, parameters):
    try:
        return {"URL": endpoints.resolve_endpoint(**parameters).url}
    except EndpointProviderError as e:
        return {"Error": str(e)}


def text(value):
    return value.decode() if isinstance(value, bytes) else value


def params(shape, value):
    """Converts JSON to parameters of botocore: blobs become bytes."""
    if shape.type_name == "structure" and not shape.is_document_type:
        return {k: params(shape.members[k], v) for k, v in value.items()}
    if shape.type_name == "list":
        return [params(shape.member, v) for v in value]
    if shape.type_name == "blob":
        return base64.b64decode(value)
    return value


def values(shape, value):
    """Converts a result of botocore to JSON: Go names of members, times in UTC, and marks for absent elements."""
    if value is None and not getattr(shape, "is_document_type", False):
        return {"$absent": True}
    if shape.type_name == "structure" and not shape.is_document_type:
        return {k[0].upper() + k[1:]: values(shape.members[k], v) for k, v in value.items()}
    if shape.type_name == "list":
        return [values(shape.member, v) for v in value]
    if shape.type_name == "map":
        return {k: values(shape.value, v) for k, v in value.items()}
    if shape.type_name == "timestamp":
        return value.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return value


def sign(signer, sent):
    request = AWSRequest(
        method=sent["Method"], url=sent["URL"], headers=sent["Header"], data=base64.b64decode(sent["Body"])
    )
    request.context["timestamp"] = sent["Header"]["X-Amz-Date"]
    canonical = signer.canonical_request(request)
    signer._inject_signature_to_request(
        request, signer.signature(signer.string_to_sign(request, canonical), request)
    )
    return request.headers["Authorization"]


def reply(value):
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


main()
