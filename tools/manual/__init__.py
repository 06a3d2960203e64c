# SPDX-License-Identifier: BSD-2-Clause
"""The kernel manual as an HTML site. site.py is the way in."""
