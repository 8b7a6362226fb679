"""Prints the parameters of all operations of the service as JSON: the names of flags by the name of the command.

A name is followed by an exclamation mark if the flag is required. Flags that no operation has as a member are left out.
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
