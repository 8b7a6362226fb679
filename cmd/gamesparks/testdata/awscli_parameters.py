"""Prints the parameters of all operations of the service as JSON: a list of flag names for each command.

A name is followed by an exclamation mark if the flag is required. Flags that are not members of the input are omitted.
"""

import json

import awscli.clidriver

driver = awscli.clidriver.create_clidriver()
commands = driver.subcommand_table["gamesparks"]
parameters = {}
for name, operation in commands._create_command_table().items():
    if name == "help":
        continue
    members = operation._operation_model.input_shape.members
    parameters[name] = sorted(
        argument.name + ("!" if argument.required else "")
        for argument in operation.arg_table.values()
        if getattr(argument, "_serialized_name", None) in members
    )
print(json.dumps(parameters))
