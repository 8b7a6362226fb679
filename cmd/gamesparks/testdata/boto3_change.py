"""Changes a value of the game lighthouse with boto3, as a program outside of the project does."""

import os

import boto3

client = boto3.client("gamesparks", endpoint_url=os.environ["AWS_ENDPOINT_URL_GAMESPARKS"], region_name=os.environ["AWS_REGION"])
client.update_game_configuration(
    GameName="lighthouse",
    Modifications=[
        {"Section": "GameSparks.Core.RequestHandlers", "Operation": "REPLACE", "Path": "/Greet/Enabled", "Value": False},
    ],
)
