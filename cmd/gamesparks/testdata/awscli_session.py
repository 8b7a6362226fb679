"""Runs commands of the AWS CLI in one process: a command for each line of standard input, which is a JSON list of arguments.

For each, it prints a line of JSON with the output, the messages and the exit status.
"""

import contextlib
import io
import json
import sys

import awscli.clidriver


class Stream(io.TextIOWrapper):
    """A text stream with the binary buffer that the AWS CLI writes to."""

    def __init__(self):
        super().__init__(io.BytesIO(), encoding="utf-8", write_through=True)

    def text(self):
        return self.buffer.getvalue().decode("utf-8")


for line in sys.stdin:
    out, err = Stream(), Stream()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = awscli.clidriver.create_clidriver().main(json.loads(line))
    print(json.dumps([out.text(), err.text(), status]), flush=True)
