// Runs the AWS SDK for JavaScript's gamesparks client against gamesparks-server at ENDPOINT.
"use strict";
const assert = require("node:assert/strict");
const sdk = require("@aws-sdk/client-gamesparks");

const endpoint = process.env.ENDPOINT;
const newClient = (credentials) => new sdk.GameSparks({ endpoint, region: "us-east-1", maxAttempts: 1, credentials });
const local = { accessKeyId: "local", secretAccessKey: "local" };
const client = newClient(local);
const called = new Set();
client.middlewareStack.add((next, context) => (args) => {
  called.add(context.commandName);
  return next(args);
}, { step: "initialize" });

const ROLE = "arn:aws:iam::123456789012:role/stage";
const ARN = "arn:aws:gamesparks:us-east-1:123456789012:game/js";

// fails checks that a call fails with the error name and HTTP status.
async function fails(call, name, status) {
  const error = await call.then(() => assert.fail(`succeeded, want ${name}`), (e) => e);
  assert.deepEqual([error.name, error.$metadata?.httpStatusCode], [name, status], error.message);
  if (sdk[name]) assert.ok(error instanceof sdk[name], `${error} is not an instance of ${name}`);
}

// until polls condition for at most 10 seconds.
async function until(state, condition) {
  for (let i = 0; i < 500; i++) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.fail(`timed out: not ${state}`);
}

async function download(url) {
  const response = await fetch(url);
  assert.equal(response.status, 200, await response.clone().text());
  return Buffer.from(await response.arrayBuffer());
}

async function collect(pages, key) {
  const items = [];
  for await (const page of pages) {
    assert.ok(page[key].length <= 2);
    items.push(...page[key]);
  }
  return items;
}

async function main() {
  const GameName = "js", StageName = "dev";
  const { Game } = await client.createGame({ GameName, Description: "ä", Tags: { a: "b c" } });
  assert.equal(Game.Arn, ARN);
  assert.ok(Game.Created instanceof Date);
  await client.updateGame({ GameName, Description: "changed" });
  assert.equal((await client.getGame({ GameName })).Game.Description, "changed");
  await client.tagResource({ ResourceArn: ARN, tags: { k: "v" } });
  await client.untagResource({ ResourceArn: ARN, tagKeys: ["a"] });
  assert.deepEqual((await client.listTagsForResource({ ResourceArn: ARN })).tags, { k: "v" });

  const File = Buffer.from('{"Document":{"Type":"Game","Sections":{"A":{"x":[1]}}}}');
  await client.importGameConfiguration({ GameName, ImportSource: { File } });
  await client.updateGameConfiguration({ GameName, Modifications: [{ Section: "A", Operation: "ADD", Path: "/x/-", Value: { d: null } }] });
  const { GameConfiguration } = await client.getGameConfiguration({ GameName, Sections: ["A"] });
  assert.deepEqual(GameConfiguration.Sections.A.Attributes, { x: [1, { d: null }] });

  const SnapshotId = (await client.createSnapshot({ GameName })).Snapshot.Id;
  await client.updateSnapshot({ GameName, SnapshotId, Description: "renamed" });
  assert.equal((await client.getSnapshot({ GameName, SnapshotId })).Snapshot.Description, "renamed");
  const exported = await download((await client.exportSnapshot({ GameName, SnapshotId })).S3Url);
  assert.deepEqual(JSON.parse(exported).Document.Sections, { A: { x: [1, { d: null }] } });

  const Generator = { Language: "CSharp", TargetPlatform: "Unity" };
  const { GeneratedCodeJobId: JobId } = await client.startGeneratedCodeJob({ GameName, SnapshotId, Generator });
  const job = async () => (await client.getGeneratedCodeJob({ GameName, SnapshotId, JobId })).GeneratedCodeJob;
  await until("generated", async () => (await job()).Status === "COMPLETED");
  assert.equal((await download((await job()).S3Url)).subarray(0, 2).toString(), "PK");

  await client.createStage({ GameName, StageName, Role: ROLE });
  await client.updateStage({ GameName, StageName, Description: "stage" });
  assert.equal((await client.getStage({ GameName, StageName })).Stage.Description, "stage");
  await client.startStageDeployment({ GameName, StageName, SnapshotId });
  const deployment = async () => (await client.getStageDeployment({ GameName, StageName })).StageDeployment;
  await until("deployed", async () => (await deployment()).DeploymentState === "COMPLETED");
  const player = { GameName, StageName, PlayerId: "p" };
  assert.deepEqual((await client.getPlayerConnectionStatus(player)).Connections, []);
  assert.deepEqual((await client.disconnectPlayer(player)).DisconnectSuccesses, []);

  const extension = (await client.listExtensions({})).Extensions[0];
  const name = { Namespace: extension.Namespace, Name: extension.Name };
  assert.deepEqual((await client.getExtension(name)).Extension, extension);
  const version = (await client.listExtensionVersions(name)).ExtensionVersions[0];
  assert.deepEqual((await client.getExtensionVersion({ ...name, ExtensionVersion: version.Version })).ExtensionVersion, version);

  for (let i = 0; i < 4; i++) {
    await client.createGame({ GameName: `page-${i}` });
    await client.createSnapshot({ GameName });
  }
  const config = { client, pageSize: 2 };
  const names = (items) => items.map((item) => item.Name);
  assert.deepEqual(names(await collect(sdk.paginateListGames(config, {}), "Games")), ["js", "page-0", "page-1", "page-2", "page-3"]);
  assert.deepEqual(names(await collect(sdk.paginateListStages(config, { GameName }), "Stages")), ["dev"]);
  assert.equal((await collect(sdk.paginateListSnapshots(config, { GameName }), "Snapshots")).length, 5);
  assert.equal((await collect(sdk.paginateListStageDeployments(config, { GameName, StageName }), "StageDeployments")).length, 1);
  assert.equal((await collect(sdk.paginateListGeneratedCodeJobs(config, { GameName, SnapshotId }), "GeneratedCodeJobs")).length, 1);

  await fails(client.createGame({ GameName }), "ConflictException", 409);
  await fails(client.getGame({ GameName: "missing" }), "ResourceNotFoundException", 404);
  await fails(client.getGame({ GameName: ".." }), "ValidationException", 400);
  await fails(client.getGame({ GameName: "a/b ä%(')!*" }), "ValidationException", 400);
  await fails(client.listGames({ MaxResults: 101 }), "ValidationException", 400);
  await fails(newClient({ ...local, secretAccessKey: "wrong" }).getGame({ GameName }), "InvalidSignatureException", 403);
  await fails(newClient({ ...local, accessKeyId: "unknown" }).getGame({ GameName }), "UnrecognizedClientException", 403);
  await fails(newClient({ ...local, sessionToken: "none" }).getGame({ GameName }), "UnrecognizedClientException", 403);

  await client.deleteStage({ GameName, StageName });
  const isNotFound = (call) => call.then(() => false, (e) => e instanceof sdk.ResourceNotFoundException);
  await until("deleted", () => isNotFound(client.getStage({ GameName, StageName })));
  await client.deleteGame({ GameName });
  await until("deleted", () => isNotFound(client.getGame({ GameName })));

  const commands = Object.keys(sdk).filter((key) => /^[A-Z].*Command$/.test(key));
  assert.deepEqual(commands.filter((command) => !called.has(command)), []);
  console.log(`${called.size} operations`);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
