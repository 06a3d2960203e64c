# SPDX-License-Identifier: BSD-2-Clause
"""Parts of the interface generator; tools/gen/abi.py is the program."""
